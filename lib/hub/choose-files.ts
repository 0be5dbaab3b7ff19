import { RepriseError } from '../errors.js';
import { nearest } from '../nearest.js';
import { parseGGUFQuantLabel, parseGgufShardFilename } from './hub-packages.js';
import type { ModelName } from './model-name.js';

/** What a repository holds as one model: a file, or the parts of one, in order. */
export interface ModelFiles {
	/** The file, or its first part. */
	readonly path: string;
	readonly parts: readonly string[];
	/** The quantisation in the name, in upper case; undefined where there is none. */
	readonly label: string | undefined;
}

/** What is taken without a tag, as llama.cpp's `-hf` does; where neither is there, the first file. */
const defaultTags = ['Q4_K_M', 'Q8_0'];

/** GGUF files that go with a model and are none: projectors of images, importance matrices. */
const besides = /mmproj|imatrix/i;
/** What drafts for a model. It is taken where a repository has nothing else. */
const drafters = /(^|[/-])(mtp|eagle3|dflash|dspark)-/i;

const mostNames = 20;

/** All models among these paths of a repository. */
export function modelsIn(paths: readonly string[]): ModelFiles[] {
	const ggufs = paths.filter((path) => path.toLowerCase().endsWith('.gguf'));
	const all = new Map(ggufs.map(firstPart).map((path) => [path, modelAt(path)]));
	return [...all.values()];
}

/**
 * The model that `name` stands for. Rejects with `MODEL_NOT_FOUND`, which says what there is, and with
 * `OPTION_INVALID` where several fit.
 *
 * @param paths - All files of the repository.
 * @param where - The repository, in words.
 */
export function chooseFiles(name: ModelName, paths: readonly string[], where: string): ModelFiles {
	const chosen = name.file === null ? byTag(name, paths, where) : byFile(name.file, paths, where);
	const missing = chosen.parts.find((part) => !paths.includes(part));
	if (missing === undefined) return chosen;
	throw new RepriseError('MODEL_NOT_FOUND', `${where} has ${chosen.path} only in part: it lacks ${missing}`);
}

/** Those of the models that have the tag; without one, all. */
export function modelsWithTag(models: readonly ModelFiles[], tag: string | null): ModelFiles[] {
	if (tag === null) return [...models];
	const exact = models.filter(
		({ label, path }) => label === tag || (!label?.endsWith(tag) && endsWith(path, tag)),
	);
	return exact.length > 0 ? exact : models.filter(({ label }) => label === `UD-${tag}`);
}

function byFile(file: string, paths: readonly string[], where: string): ModelFiles {
	const path = firstPart(file);
	const found = modelsIn(paths).find((model) => model.path === path);
	if (found) return found;
	const names = modelsIn(paths).map((model) => model.path);
	throw notFound(`${where} has no file ${file}`, file, names);
}

function byTag({ tag }: ModelName, paths: readonly string[], where: string): ModelFiles {
	const all = modelsIn(paths).filter(({ path }) => !besides.test(path));
	const whole = all.filter(({ path }) => !drafters.test(path));
	const models = whole.length > 0 ? whole : all;
	if (models.length === 0) throw new RepriseError('MODEL_NOT_FOUND', `${where} has no GGUF file`);
	for (const wanted of tag === null ? defaultTags : [tag]) {
		const [found, ...others] = modelsWithTag(models, wanted);
		if (found && others.length === 0) return found;
		if (found)
			throw new RepriseError(
				'OPTION_INVALID',
				`${wanted} is the tag of several files of ${where}; name one of them: ${list([found, ...others].map(({ path }) => path))}`,
			);
	}
	if (tag === null) return models[0] as ModelFiles;
	const tags = [...new Set(models.flatMap(({ label }) => label ?? []))];
	if (tags.length === 0)
		throw notFound(
			`${where} has no file with a tag`,
			tag,
			models.map(({ path }) => path),
		);
	throw notFound(`${where} has no file with the tag ${tag}`, tag, tags);
}

function notFound(what: string, given: string, names: readonly string[]): RepriseError {
	const meant = nearest(given, names);
	const hint = meant === undefined ? '; it has' : `; did you mean ${meant}? It has`;
	const known = names.length === 0 ? 'no GGUF file at all' : list(names);
	return new RepriseError('MODEL_NOT_FOUND', `${what}${hint} ${known}`);
}

function list(names: readonly string[]): string {
	const rest = names.length - mostNames;
	return names.slice(0, mostNames).join(', ') + (rest > 0 ? ` and ${rest} more` : '');
}

function modelAt(path: string): ModelFiles {
	return { path, parts: partsOf(path), label: parseGGUFQuantLabel(path) };
}

/** Whether the name ends with the tag, also where no quantisation is called so. */
function endsWith(path: string, tag: string): boolean {
	const stem = path.toUpperCase().replace(/(-\d{5}-OF-\d{5})?\.GGUF$/, '');
	return stem.endsWith(tag) && /[-._/]/.test(stem.at(-tag.length - 1) ?? '');
}

const digits = (number: number) => String(number).padStart(5, '0');

function firstPart(path: string): string {
	const split = parseGgufShardFilename(path);
	return split ? `${split.prefix}-${digits(1)}-of-${split.total}.gguf` : path;
}

function partsOf(path: string): string[] {
	const split = parseGgufShardFilename(path);
	if (!split) return [path];
	const count = Number(split.total);
	return Array.from(
		{ length: count },
		(_, index) => `${split.prefix}-${digits(index + 1)}-of-${split.total}.gguf`,
	);
}
