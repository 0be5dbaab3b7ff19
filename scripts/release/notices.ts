import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { llamaSourceDir } from '../fetch-llama.mjs';
import { repository } from './manifests.js';

/** The licences of what is compiled into a binary besides our own code. */
export function nativeNotices(): string {
	const llama = llamaSourceDir();
	const licences = readdirSync(join(llama, 'licenses')).sort();
	const parts: Array<[string, string]> = [
		['llama.cpp and ggml, https://github.com/ggml-org/llama.cpp', read(llama, 'LICENSE')],
		['sgemm of llamafile, in ggml', header(read(llama, 'ggml/src/ggml-cpu/llamafile/sgemm.cpp'))],
		...licences.map((name): [string, string] => [
			`${name.replace('LICENSE-', '')}, in llama.cpp`,
			read(llama, join('licenses', name)),
		]),
		[
			'node-addon-api, https://github.com/nodejs/node-addon-api',
			read(repository, 'node_modules/node-addon-api/LICENSE.md'),
		],
	];
	const rule = '-'.repeat(80);
	return `The file reprise.node holds software of others, under these licences.\n\n${parts
		.map(([title, text]) => `${rule}\n${title}\n${rule}\n\n${text.trim()}\n`)
		.join('\n')}`;
}

const read = (folder: string, path: string) => readFileSync(join(folder, path), 'utf8');

/** The comment at the top of a source file, without its slashes. */
function header(source: string): string {
	const lines = source.split('\n');
	const end = lines.findIndex((line) => !line.startsWith('//'));
	return lines
		.slice(0, end)
		.map((line) => line.replace(/^\/\/ ?/, ''))
		.join('\n');
}
