import { closeSync, copyFileSync, mkdtempSync, openSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gguf } from '@huggingface/gguf';
import { embeddedModel, randomModel } from './models.js';

/**
 * A copy of the embedded model whose last layer norm multiplies by `value`, so that every logit comes of it.
 * The copy is in a folder of its own.
 */
export const modelWithNorm = (value: number): Promise<string> =>
	damagedCopy(embeddedModel, 'output_norm.weight', (width) => ({ row: 0, values: fill(width, value) }));

/** A copy of a random model in which `token` is embedded as NaN. The copy is in a folder of its own. */
export const modelWithNanToken = async (token: number): Promise<string> =>
	damagedCopy(await randomModel('tiny-llama'), 'token_embd.weight', (width) => ({
		row: token,
		values: fill(width, Number.NaN),
	}));

const fill = (width: number, value: number) => new Float32Array(width).fill(value);

async function damagedCopy(
	model: string,
	tensor: string,
	damage: (width: number) => { row: number; values: Float32Array },
): Promise<string> {
	const { tensorInfos, tensorDataOffset } = await gguf(model, { allowLocalFile: true });
	const info = tensorInfos.find(({ name }) => name === tensor);
	if (info?.dtype !== 0) throw new Error(`The model has no ${tensor} of floats`);
	const { row, values } = damage(Number(info.shape[0]));
	const path = join(mkdtempSync(join(tmpdir(), 'reprise-damaged-')), 'model.gguf');
	copyFileSync(model, path);
	const file = openSync(path, 'r+');
	try {
		const at = Number(tensorDataOffset) + Number(info.offset) + row * values.byteLength;
		writeSync(file, values, 0, values.byteLength, at);
	} finally {
		closeSync(file);
	}
	return path;
}
