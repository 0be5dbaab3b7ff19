import { describe, expect, test } from 'vitest';
import { chooseFiles } from '../../lib/hub/choose-files.js';
import { formatModelName, isInside, parseModelName } from '../../lib/hub/model-name.js';

const plain = { repo: 'a/b', revision: 'main', file: null, tag: null };

describe('a name', () => {
	test.each([
		['hf:a/b', plain],
		['hf:a/b:q4_k_m', { ...plain, tag: 'Q4_K_M' }],
		['hf:a/b/c.gguf', { ...plain, file: 'c.gguf' }],
		['hf:a/b/folder/c.gguf', { ...plain, file: 'folder/c.gguf' }],
		['hf:a/b@v1.0', { ...plain, revision: 'v1.0' }],
		['hf:a/b@refs%2Fpr%2F3:Q8_0', { ...plain, revision: 'refs/pr/3', tag: 'Q8_0' }],
		['hf:a/b@dev/c.gguf', { ...plain, revision: 'dev', file: 'c.gguf' }],
		['hf:Qwen/Qwen2.5-0.5B_x', { ...plain, repo: 'Qwen/Qwen2.5-0.5B_x' }],
	])('%s is read, and written the same', (name, parsed) => {
		expect(parseModelName(name, 'path')).toEqual(parsed);
		expect(parseModelName(formatModelName(parsed), 'path')).toEqual(parsed);
	});

	test('is taken as the hub’s own programs write it', () => {
		expect(parseModelName('hf://a/b/c.gguf', 'path')).toEqual({ ...plain, file: 'c.gguf' });
	});

	test.each([
		'hf:',
		'hf:a',
		'hf:a/b/c.bin',
		'hf:a/b:',
		'hf:a/b@:Q8_0',
		'hf:../b',
		'hf:a/..',
		'hf:a--b/c',
		'hf:a/b/../../c.gguf',
		'hf:a/b//c.gguf',
		'hf:a/b@..%2F..%2Fetc',
		'hf:a/b@%zz',
		'hf:a/b/c\\d.gguf',
		'hf:a/b/c\0.gguf',
		'hf:a b/c',
	])('%j is refused', (name) => {
		expect(() => parseModelName(name, 'path')).toThrow(/^Expected hf:OWNER\/REPO.* for path but received/);
	});

	test('of a file that would lie outside of its folder is none', () => {
		for (const path of ['../a', 'a/../b', '/a', 'a//b', './a', 'a\\b', 'c:d', '', 'a\0'])
			expect(isInside(path), path).toBe(false);
		expect(isInside('a/b..c/d.gguf')).toBe(true);
	});
});

describe('of the files of a repository', () => {
	const choose = (name: string, paths: readonly string[]) =>
		chooseFiles(parseModelName(name, 'path'), paths, 'a/b on the hub').parts;
	const some = ['README.md', 'm-bf16.gguf', 'm-f16.gguf', 'm-q4_k_m.gguf', 'm-q8_0.gguf', 'mmproj-q8_0.gguf'];
	const split = [
		'big/m-Q8_0-00001-of-00003.gguf',
		'big/m-Q8_0-00002-of-00003.gguf',
		'big/m-Q8_0-00003-of-00003.gguf',
	];

	test('the one with the tag is taken, whatever its case', () => {
		expect(choose('hf:a/b:Q8_0', some)).toEqual(['m-q8_0.gguf']);
		expect(choose('hf:a/b:f16', some)).toEqual(['m-f16.gguf']);
	});

	test('what drafts for a model is taken where there is nothing else', () => {
		const heads = ['m-eagle3-f16.gguf', 'm-eagle3-Q8_0.gguf', 'dflash-m.gguf', 'mmproj-f16.gguf'];
		expect(choose('hf:a/b', heads)).toEqual(['m-eagle3-Q8_0.gguf']);
		expect(choose('hf:a/b:F16', heads)).toEqual(['m-eagle3-f16.gguf']);
		expect(choose('hf:a/b', [...heads, 'm-IQ2_XS.gguf'])).toEqual(['m-IQ2_XS.gguf']);
	});

	test('the default is Q4_K_M, else Q8_0, else the first that is a model', () => {
		expect(choose('hf:a/b', some)).toEqual(['m-q4_k_m.gguf']);
		expect(choose('hf:a/b', ['m-f16.gguf', 'm-q8_0.gguf'])).toEqual(['m-q8_0.gguf']);
		expect(choose('hf:a/b', ['mmproj-f16.gguf', 'm-IQ2_XS.gguf', 'm-f16.gguf'])).toEqual(['m-IQ2_XS.gguf']);
		expect(choose('hf:a/b', ['model.gguf'])).toEqual(['model.gguf']);
	});

	test('a tag that no quantisation is called by is what the name ends with', () => {
		expect(choose('hf:a/b:special', ['m-other.gguf', 'm-special.gguf'])).toEqual(['m-special.gguf']);
	});

	test('a tag stands for Unsloth’s dynamic quantisation where there is no other', () => {
		expect(choose('hf:a/b:Q4_K_XL', ['m-UD-Q4_K_XL.gguf'])).toEqual(['m-UD-Q4_K_XL.gguf']);
		expect(choose('hf:a/b:Q2_K', ['m-UD-Q2_K.gguf', 'm-Q2_K.gguf'])).toEqual(['m-Q2_K.gguf']);
	});

	test('all parts are taken, by the tag, by the name of the first and by that of another', () => {
		expect(choose('hf:a/b:Q8_0', split)).toEqual(split);
		expect(choose(`hf:a/b/${split[0]}`, split)).toEqual(split);
		expect(choose(`hf:a/b/${split[2]}`, split)).toEqual(split);
	});

	test('one of which a part is missing is refused', () => {
		const error = { code: 'MODEL_NOT_FOUND', message: expect.stringContaining(`it lacks ${split[1]}`) };
		expect(() => choose('hf:a/b', [split[0] as string, split[2] as string])).toThrow(
			expect.objectContaining(error),
		);
	});

	test.each([
		[
			'hf:a/b:Q4_K_S',
			some,
			'has no file with the tag Q4_K_S; did you mean Q4_K_M? It has BF16, F16, Q4_K_M, Q8_0',
		],
		['hf:a/b:nothing', some, 'has no file with the tag NOTHING; it has BF16, F16, Q4_K_M, Q8_0'],
		[
			'hf:a/b/m-q8.gguf',
			some,
			'has no file m-q8.gguf; did you mean m-q8_0.gguf? It has m-bf16.gguf, m-f16.gguf, m-q4',
		],
		['hf:a/b', ['README.md'], 'has no GGUF file'],
		['hf:a/b/m.gguf', ['README.md'], 'has no file m.gguf; it has no GGUF file at all'],
		['hf:a/b:Q8_0', ['m.gguf'], 'has no file with a tag; it has m.gguf'],
	])('%s finds nothing, and the error says what there is', (name, paths, message) => {
		const error = { code: 'MODEL_NOT_FOUND', message: expect.stringContaining(`a/b on the hub ${message}`) };
		expect(() => choose(name, paths)).toThrow(expect.objectContaining(error));
	});

	test('several with the tag are refused by name', () => {
		const message =
			'Q8_0 is the tag of several files of a/b on the hub; name one of them: x-q8_0.gguf, y-q8_0.gguf';
		const error = { code: 'OPTION_INVALID', message };
		expect(() => choose('hf:a/b:Q8_0', ['x-q8_0.gguf', 'y-q8_0.gguf'])).toThrow(
			expect.objectContaining(error),
		);
	});

	test('twenty are named at most', () => {
		const many = Array.from({ length: 30 }, (_, index) => `model-${index}.gguf`);
		expect(() => choose('hf:a/b/zzz.gguf', many)).toThrow(/model-19\.gguf and 10 more$/);
	});
});
