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

/** @type {Tokenizer | undefined} */
let tokenizer;
const loaded = attempt(() => {
	tokenizer = new Tokenizer(readJson(workerData.path), readJson(workerData.configPath));
	return tokenizer.get_vocab(true).size;
});
parentPort?.postMessage({ id: 0, ...loaded });

parentPort?.on('message', ({ id, method, input, special }) => {
	const answer = attempt(() => {
		if (method === 'decode') return tokenizer?.decode(Array.from(input), { skip_special_tokens: !special });
		const { ids } = tokenizer?.encode(input, { add_special_tokens: special }) ?? { ids: [] };
		return method === 'count' ? ids.length : Int32Array.from(ids);
	});
	parentPort?.postMessage({ id, ...answer });
});
