import { closeSync, copyFileSync, mkdtempSync, openSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gguf } from '@huggingface/gguf';
import { embeddedModel } from './models.js';

/**
 * A copy of the embedded model whose last layer norm multiplies by `value`, so that every logit comes of it.
 * The copy is in a folder of its own.
 */
export async function modelWithNorm(value: number): Promise<string> {
	const { tensorInfos, tensorDataOffset } = await gguf(embeddedModel, { allowLocalFile: true });
	const norm = tensorInfos.find(({ name }) => name === 'output_norm.weight');
	if (norm === undefined) throw new Error('The model has no output norm');
	const path = join(mkdtempSync(join(tmpdir(), 'reprise-damaged-')), 'model.gguf');
	copyFileSync(embeddedModel, path);
	const values = new Float32Array(Number(norm.shape[0])).fill(value);
	const file = openSync(path, 'r+');
	try {
		writeSync(file, values, 0, values.byteLength, Number(tensorDataOffset) + Number(norm.offset));
	} finally {
		closeSync(file);
	}
	return path;
}
