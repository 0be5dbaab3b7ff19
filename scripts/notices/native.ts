// The licences of what is compiled and linked into the addon.
//
//     npx tsx scripts/notices/native.ts > THIRD_PARTY_NOTICES.txt

import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { llamaSourceDir } from '../fetch-llama.mjs';
import { noticeOf } from './bundled.js';
import { licenceText, mit, type Notice, noticesText } from './text.js';

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const opening = 'The file reprise.node holds code of the following. Their licences and notices follow.';

/** The notices of the pinned llama.cpp, whose source must be there, and of all else that is in a binary. */
export function nativeNotices(llama = llamaSourceDir()): string {
	const source = (path: string) => readFileSync(join(llama, path), 'utf8');
	const notices: Notice[] = [
		{
			title: 'llama.cpp and ggml, https://github.com/ggml-org/llama.cpp',
			license: 'MIT',
			text: source('LICENSE'),
		},
		{
			title: 'llamafile, in ggml',
			license: 'MIT',
			text: opensWith(source('ggml/src/ggml-cpu/llamafile/sgemm.cpp')),
		},
		{
			title: 'YaRN, in ggml, https://github.com/jquesnelle/yarn',
			license: 'MIT',
			text: mit(...holders(source('ggml/src/ggml-cpu/ops.cpp'))),
		},
		{
			title: 'JSON for Modern C++, in llama.cpp, https://github.com/nlohmann/json',
			license: 'MIT',
			text: `${source('licenses/LICENSE-jsonhpp')}\n${holders(source('vendor/nlohmann/json.hpp')).join('\n')}`,
		},
		{
			title: 'stb_image, in llama.cpp, https://github.com/nothings/stb',
			license: 'MIT',
			text:
				/(?<=ALTERNATIVE A - MIT License\n).*?(?=\n-{70,})/s.exec(source('vendor/stb/stb_image.h'))?.[0] ??
				'',
		},
		{
			title: 'SHA-256 by Igor Pavlov, in llama.cpp',
			license: 'public domain',
			text: source('vendor/hash/sha256/LICENSE'),
		},
		...['node-addon-api', 'node-api-headers'].map((name) => noticeOf(join(root, 'node_modules', name))),
		{
			title: 'libstdc++ and libgcc, in the binaries for Linux, https://gcc.gnu.org',
			license: 'GPL-3.0-or-later WITH GCC-exception-3.1',
			text: licenceText('gcc-runtime-library-exception'),
		},
	];
	return noticesText(opening, notices);
}

/** The comment at the top of a source file, without its slashes. */
function opensWith(code: string): string {
	const lines = code.split('\n');
	const end = lines.findIndex((line) => !line.startsWith('//'));
	return lines
		.slice(0, end)
		.map((line) => line.replace(/^\/\/ ?/, ''))
		.join('\n');
}

/** What a source file says of who holds rights in it, each once. */
export function holders(code: string): string[] {
	const found = code.matchAll(
		/(?:SPDX-FileCopyrightText:|Copyright)(?: ?\(c\))? *(?:Copyright )?\d{4}.*$/gim,
	);
	return [...new Set([...found].map(([line]) => line.trim()))];
}

if (process.argv[1] === fileURLToPath(import.meta.url)) process.stdout.write(nativeNotices());
