import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ProjectorKind } from '../../scripts/gguf/projector.js';
import type { QuantisationName } from '../../scripts/gguf/quantisation.js';
import { type ShapeName, shapes } from '../../scripts/gguf/shapes.js';
import { writeRandomModel, writeRandomProjector } from '../../scripts/gguf/write.js';
import { llamaSourceDir } from './llama-source.js';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** The small trained model of the repository: it copies and edits. */
export const embeddedModel = join(root, 'models', 'tiny-edit-1m.gguf');

/** The larger trained model of the repository. */
export const formModel = join(root, 'models', 'reprise-2m.gguf');

/** A still smaller one of the vocabulary of `formModel`, which drafts for it. */
export const draftModel = join(root, 'models', 'reprise-draft.gguf');

/** An EAGLE-3 head for `formModel`. */
export const draftHead = join(root, 'models', 'reprise-2m-eagle3.gguf');

/** A DFlash head for `formModel`. */
export const blockHead = join(root, 'models', 'reprise-2m-dflash.gguf');

/** The shapes small enough for tests. */
export const tinyShapes = ['tiny-llama', 'tiny-qwen2', 'tiny-gemma3', 'tiny-mamba', 'tiny-lfm2'] as const;

/** A trained model that reads images of coloured shapes, and what it reads them with. */
export const visionModel = join(root, 'models', 'reprise-vision.gguf');
export const visionProjector = join(root, 'models', 'reprise-vision-projector.gguf');

/** Changes whenever the code that writes the models does, so that a stale file is never used. */
function generatorHash(): string {
	const folder = join(root, 'scripts', 'gguf');
	const files = readdirSync(folder).map((file) => join(folder, file));
	const hash = createHash('sha256');
	for (const file of [...files.sort(), fileURLToPath(new URL('odd-models.ts', import.meta.url))])
		hash.update(readFileSync(file));
	return hash.digest('hex').slice(0, 12);
}

/** Where models that tests write are kept. */
export function testModelFolder(): string {
	return join(root, 'build', 'test-models', generatorHash());
}

/** A vocabulary-only GGUF of llama.cpp, `name` as in ggml-vocab-NAME.gguf. */
export function vocabularyFile(name: string): string {
	return join(llamaSourceDir(), 'models', `ggml-vocab-${name}.gguf`);
}

/** Path of a projector of that kind with random weights, for the tiny shapes; kept likewise. */
export async function randomProjector(kind: ProjectorKind, seed = 0): Promise<string> {
	const path = join(testModelFolder(), `projector-${kind}-${seed}.gguf`);
	if (!existsSync(path)) {
		mkdirSync(testModelFolder(), { recursive: true });
		await writeRandomProjector(kind, path, seed);
	}
	return path;
}

/** Path of a model of that shape with random weights, written on first use and kept under build/. */
export async function randomModel(
	shape: ShapeName,
	seed = 0,
	quantisation?: QuantisationName,
): Promise<string> {
	const folder = testModelFolder();
	const path = join(
		folder,
		`${[shape, quantisation, seed].filter((part) => part !== undefined).join('-')}.gguf`,
	);
	if (!existsSync(path)) {
		mkdirSync(folder, { recursive: true });
		const vocabulary = join(llamaSourceDir(), 'models', shapes[shape].vocabulary);
		await writeRandomModel(shape, vocabulary, path, seed, quantisation);
	}
	return path;
}
