// @vitest-environment node
// axe-core on every view in the light themes; the other two kinds are a file of their own, so that both run side by side.
import { describeAccessibility } from './page/accessibility';

describeAccessibility(['light', 'hc-light']);
