#!/bin/sh
# Installs the packages of packages.json, without running any of their scripts, into the git-ignored corpus folder.
set -u
cd "$(dirname "$0")"
count=$(node -p 'require("./packages.json").groups.length')
for group in $(seq 0 $((count - 1))); do
  mkdir -p "corpus/npm$group"
  echo '{"name":"corpus","private":true,"license":"MIT"}' > "corpus/npm$group/package.json"
  (cd "corpus/npm$group" && npm install --ignore-scripts --no-audit --no-fund --omit=optional --omit=peer --legacy-peer-deps \
    --no-package-lock --loglevel=error $(node -p "require('../../packages.json').groups[$group].join(' ')"))
done
