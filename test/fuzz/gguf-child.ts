import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { RepriseError } from '../../lib/errors.js';
import { loadModel, type Model } from '../../lib/model.js';
import type { Session } from '../../lib/session.js';
import { twoThreads } from '../support/threads.js';
import { mutateGguf } from './gguf-mutations.js';
import { serveCases } from './serve-cases.js';

// Arguments: a folder of the child's own, and the models that are mutated.
const [folder = '', ...rest] = process.argv.slice(2);
const models = rest.slice(0, rest.indexOf('--cases'));
const originals = new Map<string, Buffer>();

function original(path: string): Buffer {
	const bytes = originals.get(path) ?? readFileSync(path);
	originals.set(path, bytes);
	return bytes;
}

const text = 'The cat sat on the mat. The cat ate 17 pears\n\t<|im_start|>Übermäßig 你好 🙂</s>';

async function useModel(path: string, threads: number): Promise<string> {
	let model: Model | undefined;
	let session: Session | undefined;
	try {
		model = await loadModel(path);
		model.detokenize(model.tokenize(text), { renderSpecial: true });
		session = await model.createSession({ contextLength: 128, threads });
		const said = await session.generate(text.slice(0, 40), { maxTokens: 8 }).text();
		return `said: ${said.length} characters`;
	} catch (error) {
		if (!(error instanceof RepriseError)) throw error;
		return `${error.code}: ${error.message}`;
	} finally {
		// The next case writes over the file, which an open session goes on reading.
		await session?.dispose();
		await model?.dispose();
	}
}

await serveCases(async (seed) => {
	const path = join(folder, `${process.pid}.gguf`);
	writeFileSync(path, mutateGguf(original(models[seed % models.length] ?? ''), seed));
	return useModel(path, seed % 2 === 0 ? 1 : twoThreads);
});
