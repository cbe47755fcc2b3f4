#!/usr/bin/env bash
# Build kg/server/static/codemirror.js and the list of its licences from the pinned packages; needs Node and npm.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
npm ci --silent
out=../kg/server/static
npx esbuild codemirror.js --bundle --format=esm --minify --legal-comments=none --outfile="$out/codemirror.js"
{
  echo "codemirror.js is made of these packages by editor/build.sh, each under the MIT licence:"
  node -e '
    const lock = require("./package-lock.json").packages;
    for (const [path, p] of Object.entries(lock)) if (path && !p.dev && !p.optional) console.log(`- ${path.slice("node_modules/".length)} ${p.version}`);
  '
  echo
  cat node_modules/@codemirror/state/LICENSE
} >"$out/codemirror.LICENSE.txt"
