import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { noticeOf, packageOf } from '../scripts/notices/bundled.js';
import { holders, nativeNotices } from '../scripts/notices/native.js';
import { llamaSourceDir } from './support/llama-source.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const filesBelow = (folder: string) =>
	readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((file) => join(folder, file));

describe('the notices of dist/', () => {
	const dist = join(root, 'dist');
	const notices = readFileSync(join(dist, 'THIRD_PARTY_NOTICES.txt'), 'utf8');
	const files = filesBelow(dist);
	const maps = files.filter((file) => file.endsWith('.map'));
	const bundled = new Set(
		maps.flatMap((map) =>
			(JSON.parse(readFileSync(map, 'utf8')).sources as string[]).flatMap(
				(source) => packageOf(resolve(dirname(map), source)) ?? [],
			),
		),
	);

	test('have every package that is in it, with its licence', () => {
		// Each file says what it was made of.
		expect(maps.map((map) => map.slice(0, -'.map'.length)).sort()).toEqual(
			files.filter((file) => /\.c?js$/.test(file)).sort(),
		);
		const names = [...bundled].map((folder) => folder.replace(/^.*node_modules[\\/]/, ''));
		expect(names).toContain('quickjs-emscripten-core');
		expect(names).toContain('ajv');
		expect(names).toContain('echarts');
		for (const folder of bundled) {
			const { title, license, text } = noticeOf(folder);
			expect(notices).toContain(`- ${title} (${license})`);
			for (const line of text.split('\n')) expect(notices).toContain(line.trim());
		}
	});

	test('have what is compiled into WebAssembly', () => {
		for (const holder of ['Fabrice Bellard', 'Charlie Gordon', 'Rich Felker', 'Emscripten authors'])
			expect(notices).toContain(holder);
	});

	test('are of packages that are not installed beside it', () => {
		const { dependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
		for (const name of Object.keys(dependencies)) expect(notices).not.toContain(`- ${name} `);
	});
});

describe('the notices of a binary', () => {
	const llama = llamaSourceDir();
	const notices = nativeNotices(llama);

	test('have everybody whom the sources name that are compiled into one', () => {
		// Other backends and the command line's libraries are in no binary of ours.
		const backends = ['ggml-cpu', 'ggml-rpc', 'ggml-cuda', 'ggml-metal', 'ggml-vulkan', 'ggml-blas'];
		const others = /ggml-cpu[\\/](kleidiai|spacemit)[\\/]|ggml-(sycl|cann)\.h$/;
		const sources = [
			...[
				'src',
				'include',
				'ggml/include',
				'tools/mtmd',
				'vendor/nlohmann',
				'vendor/hash/sha256',
				'vendor/stb',
			].flatMap((name) => filesBelow(join(llama, name))),
			...backends.flatMap((name) => filesBelow(join(llama, 'ggml/src', name))),
			...readdirSync(join(llama, 'ggml/src')).map((file) => join(llama, 'ggml/src', file)),
			...['fit', 'json', 'log']
				.flatMap((name) => [`${name}.cpp`, `${name}.h`])
				.map((file) => join(llama, 'common', file)),
		].filter((file) => /\.(c|cc|cpp|cu|cuh|h|hpp|m|metal|comp|glsl)$/.test(file) && !others.test(file));
		expect(sources.length).toBeGreaterThan(300);
		const named = sources.flatMap((file) => holders(readFileSync(file, 'utf8')));
		expect(named.join('\n')).toContain('Mozilla');
		for (const holder of named) {
			const [name = ''] = holder.replace(/^.*\d{4}\s*/, '').split(/[<.]/);
			expect(notices, holder).toContain(name.trim());
		}
	});

	test('have the licences in full', () => {
		for (const licence of [
			readFileSync(join(llama, 'LICENSE'), 'utf8'),
			...readdirSync(join(llama, 'licenses')).map((name) =>
				readFileSync(join(llama, 'licenses', name), 'utf8'),
			),
		])
			expect(notices).toContain(licence.trim());
		for (const words of [
			'Mozilla Foundation',
			'node-addon-api 8',
			'node-api-headers 1',
			'RUNTIME LIBRARY EXCEPTION',
			'Sean Barrett',
			'Igor Pavlov',
		])
			expect(notices).toContain(words);
	});
});
