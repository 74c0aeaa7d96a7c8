// What a tokenizer.json would put around a prompt, in words. It is shown and never counted: the document is not the
// whole prompt.
import { asArray, asObject, field, optionalString, typeOf } from './jsonFields';

/** 'before: <s>; after: </s>', or 'none'. Unknown processors are named by type; they do not change ids of text. */
export function readPostProcessor(value: unknown, depth = 0): string {
  if (value === null || value === undefined || depth > 8) return 'none';
  const part = asObject(value, 'post_processor');
  const type = typeOf(part, 'post_processor');
  switch (type) {
    case 'ByteLevel':
      return 'none';
    case 'Sequence':
      return (
        asArray(field(part, 'processors'), 'post_processor.processors')
          .map((one) => readPostProcessor(one, depth + 1))
          .filter((label) => label !== 'none')
          .join('; ') || 'none'
      );
    case 'TemplateProcessing':
      return template(asArray(field(part, 'single'), 'post_processor.single'));
    case 'BertProcessing':
    case 'RobertaProcessing':
      return around([firstText(field(part, 'cls'))], [firstText(field(part, 'sep'))]);
    default:
      return type.slice(0, 40);
  }
}

function template(items: readonly unknown[]): string {
  const before: string[] = [];
  const after: string[] = [];
  let seen = false;
  for (const item of items) {
    const one = asObject(item, 'post_processor.single');
    const special = field(one, 'SpecialToken');
    if (special === undefined) seen = true;
    else
      (seen ? after : before).push(
        optionalString(asObject(special, 'SpecialToken'), 'id', 'SpecialToken') ?? '?',
      );
  }
  return around(before, after);
}

function around(before: readonly string[], after: readonly string[]): string {
  const parts = [
    before.length > 0 && `before: ${before.join(' ')}`,
    after.length > 0 && `after: ${after.join(' ')}`,
  ];
  return parts.filter((part) => part !== false).join('; ') || 'none';
}

function firstText(value: unknown): string {
  const first: unknown = Array.isArray(value) ? value[0] : undefined;
  return typeof first === 'string' ? first : '?';
}
