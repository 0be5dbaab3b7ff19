import { existsSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { loadModel, loadTokenizer, type Model, type Tokenizer } from '../lib/index.js';
import { vocabularyFile } from './support/models.js';
import { tokenizerJson } from './support/tokenizer-json.js';

const folder = mkdtempSync(join(tmpdir(), 'reprise-tokenizer-'));

async function writeTokenizer(name: 'gpt-2' | 'qwen2' | 'llama-bpe'): Promise<string> {
	const path = join(folder, `${name}.json`);
	if (!existsSync(path)) writeFileSync(path, JSON.stringify(await tokenizerJson(vocabularyFile(name), name)));
	return path;
}

const hardTexts = [
	'',
	' ',
	'   leading, trailing   ',
	'tabs\t\tand\r\nline\n\n\nbreaks \n',
	"I'M sure they'Ll say it's o'clock",
	'1 12 123 1234 12345 3.14159 1e-9 0xFF',
	'const total = items.map(({ price }) => price * 1.19).reduce((a, b) => a + b, 0);',
	'def f(x):\n    return {"a": [1, 2], "b": None}  # done\n',
	'naïve café, Ångström, Straße, Ελληνικά, русский',
	'日本語のテキスト、中文字符，한국어',
	'🙂👩‍👩‍👧‍👦🏳️‍🌈 e\u0301 \u00A0 \u200B \u3000',
	'العربية עברית हिन्दी ไทย',
	'<b>&amp;</b> "quotes" \\back\\slash\\ `ticks` ~~~ === !== ??=',
	'a'.repeat(300),
];

describe.each(['gpt-2', 'qwen2', 'llama-bpe'] as const)('with the vocabulary of %s', (name) => {
	let model: Model;
	let tokenizer: Tokenizer;
	beforeAll(async () => {
		model = await loadModel(vocabularyFile(name), { vocabOnly: true });
		tokenizer = await loadTokenizer(await writeTokenizer(name));
	});
	afterAll(async () => {
		await tokenizer?.dispose();
		await model?.dispose();
	});

	test('the vocabulary is as large as the model’s', () => {
		expect(tokenizer.vocabularySize).toBe(model.info.vocabularySize);
	});

	test.each(hardTexts)('%j is the same ids as in the model', async (text) => {
		const ids = await tokenizer.tokenize(text);
		expect([...ids]).toEqual([...model.tokenize(text)]);
		expect(await tokenizer.count(text)).toBe(ids.length);
		expect(await tokenizer.detokenize(ids)).toBe(text);
	});

	test('texts of letters, digits, marks and spaces are the same ids as in the model', async () => {
		const units = [...'abcXYZ0123456789 \t\n.,;:!?\'"(){}[]<>=+-*/_#éßñ漢字あ🙂'];
		await fc.assert(
			fc.asyncProperty(fc.string({ unit: fc.constantFrom(...units), maxLength: 60 }), async (text) => {
				expect([...(await tokenizer.tokenize(text))]).toEqual([...model.tokenize(text)]);
			}),
			{ numRuns: 200 },
		);
	});
});

describe('loadTokenizer', () => {
	test.each([
		['missing.json', undefined, /no file .*missing\.json/],
		['text.json', 'not JSON', /text\.json is not a tokenizer.*JSON/],
		['other.json', '{"model": {"type": "Oracle"}}', /other\.json is not a tokenizer/],
		['null.json', 'null', /null\.json is not a tokenizer/],
	])('rejects %s', async (name, content, message) => {
		const path = join(folder, name);
		if (content !== undefined) writeFileSync(path, content);
		await expect(loadTokenizer(path)).rejects.toMatchObject({
			code: 'TOKENIZER_INVALID',
			message: expect.stringMatching(message),
		});
	});

	test('checks its options by name', async () => {
		await expect(loadTokenizer('x.json', { konfig: 'y.json' } as object)).rejects.toMatchObject({
			code: 'OPTION_INVALID',
			message: expect.stringContaining('did you mean config?'),
		});
	});
});

describe('a tokenizer', () => {
	test('takes several calls at once, each with its own answer', async () => {
		await using tokenizer = await loadTokenizer(await writeTokenizer('gpt-2'));
		const texts = ['one', 'one two', 'one two three'];
		const counts = await Promise.all(texts.map((text) => tokenizer.count(text)));
		expect(counts).toEqual([1, 2, 3]);
	});

	test('refuses text without a UTF-8 form, and ids that are none', async () => {
		await using tokenizer = await loadTokenizer(await writeTokenizer('gpt-2'));
		await expect(tokenizer.tokenize('a\uD800')).rejects.toMatchObject({ code: 'TEXT_INVALID' });
		await expect(tokenizer.detokenize([1e9])).rejects.toMatchObject({ code: 'OPTION_INVALID' });
		expect(await tokenizer.count('one')).toBe(1);
	});

	test('can no longer be used when it was disposed, and calls that wait reject', async () => {
		const tokenizer = await loadTokenizer(await writeTokenizer('gpt-2'));
		const waiting = tokenizer.count('one');
		const rejected = expect(waiting).rejects.toMatchObject({ code: 'DISPOSED' });
		await tokenizer.dispose();
		await rejected;
		await expect(tokenizer.count('one')).rejects.toMatchObject({ code: 'DISPOSED' });
	});
});
