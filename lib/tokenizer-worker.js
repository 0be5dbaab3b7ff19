import { readFileSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import { Tokenizer } from '@huggingface/tokenizers';

// Plain JavaScript, because a worker's own file is loaded by Node as it is, from lib/ and from dist/ alike.

/** @param {string | null} path */
const readJson = (path) => (path === null ? {} : JSON.parse(readFileSync(path, 'utf8')));

/** @param {() => unknown} work */
function attempt(work) {
	try {
		return { value: work() };
	} catch (error) {
		return { error: error instanceof Error ? error.message : String(error) };
	}
}

/**
 * @param {Int32Array} ids
 * @param {boolean} special
 */
function decode(ids, special) {
	if (ids.length === 0) return '';
	// Cleaning up would drop spaces that the text had before marks.
	const options = { skip_special_tokens: !special, clean_up_tokenization_spaces: false };
	return tokenizer?.decode(Array.from(ids), options);
}

/** @type {Tokenizer | undefined} */
let tokenizer;
const loaded = attempt(() => {
	tokenizer = new Tokenizer(readJson(workerData.path), readJson(workerData.configPath));
	return tokenizer.get_vocab(true).size;
});
parentPort?.postMessage({ id: 0, ...loaded });

parentPort?.on('message', ({ id, method, input, special }) => {
	const answer = attempt(() => {
		if (method === 'decode') return decode(input, special);
		const { ids } = tokenizer?.encode(input, { add_special_tokens: special }) ?? { ids: [] };
		return method === 'count' ? ids.length : Int32Array.from(ids);
	});
	parentPort?.postMessage({ id, ...answer });
});
