import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { RepriseError } from '../../lib/errors.js';
import { loadModel, type Model } from '../../lib/model.js';
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

async function useModel(path: string, threads: number): Promise<string> {
	let model: Model | undefined;
	try {
		model = await loadModel(path);
		const session = await model.createSession({ contextLength: 128, threads });
		const text = await session.generate('The cat sat on the mat. The cat', { maxTokens: 8 }).text();
		session.dispose();
		return `said: ${text.length} characters`;
	} catch (error) {
		if (!(error instanceof RepriseError)) throw error;
		return `${error.code}: ${error.message}`;
	} finally {
		model?.dispose();
	}
}

await serveCases(async (seed) => {
	const path = join(folder, `${process.pid}.gguf`);
	writeFileSync(path, mutateGguf(original(models[seed % models.length] ?? ''), seed));
	return useModel(path, 1 + (seed % 2));
});
