import { RepriseError } from '../errors.js';
import { nearest } from '../nearest.js';
import { type ModelFiles, modelsIn, modelsWithTag } from './choose-files.js';
import { defaultRevision, formatModelName, type ModelName } from './model-name.js';
import { bytesOf, cachedRepos, RepoCache } from './repo-cache.js';

/** A model of the cache, with all its parts. */
export interface CachedModel {
	/** What `loadModel` takes for it. */
	readonly name: string;
	/** The path of the file, or of the first part. */
	readonly path: string;
	readonly bytes: number;
	readonly commit: string;
	/** Whether all parts of a split model are there. */
	readonly isWhole: boolean;
}

interface Found {
	readonly model: CachedModel;
	readonly files: ModelFiles;
	/** The branches and tags that are at its commit. */
	readonly revisions: readonly string[];
	readonly cache: RepoCache;
}

/** All models of the cache, by name. */
export async function cachedModels(cacheFolder: string): Promise<CachedModel[]> {
	const repos = await cachedRepos(cacheFolder);
	const found = await Promise.all(repos.map((repo) => modelsOf(cacheFolder, repo)));
	return found
		.flat()
		.map(({ model }) => model)
		.sort((a, b) => (a.name < b.name ? -1 : 1));
}

/**
 * Removes the models that a name stands for: where it has no file and no tag, all of the repository's. Gives them
 * with the bytes that are free then. Rejects with `MODEL_NOT_FOUND`, which says what there is.
 */
export async function removeModels(cacheFolder: string, name: ModelName): Promise<CachedModel[]> {
	const { repo, revision, file, tag } = name;
	const ofRevision = (await modelsOf(cacheFolder, repo)).filter(
		({ model: { commit }, revisions }) => revision === commit || revisions.includes(revision),
	);
	const withTag = modelsWithTag(
		ofRevision.map(({ files }) => files),
		tag,
	);
	const chosen = ofRevision.filter(({ files }) =>
		file === null ? withTag.includes(files) : files.path === file || files.parts.includes(file),
	);
	if (chosen.length === 0) throw await notFound(cacheFolder, name);
	const removed: CachedModel[] = [];
	for (const { model, files, cache } of chosen)
		removed.push({ ...model, bytes: await cache.remove(model.commit, files.parts) });
	return removed;
}

async function modelsOf(cacheFolder: string, repo: string): Promise<Found[]> {
	const cache = new RepoCache(cacheFolder, repo);
	const known = await cache.revisions();
	const found: Found[] = [];
	for (const commit of await cache.commits()) {
		const paths = await cache.filesOf(commit);
		const revisions = known.get(commit) ?? [];
		const revision = revisions.includes(defaultRevision) ? defaultRevision : (revisions[0] ?? commit);
		for (const files of modelsIn(paths)) {
			const sizes = await Promise.all(files.parts.map((part) => bytesOf(cache.snapshot(commit, part))));
			const model = {
				name: formatModelName({ repo, revision, file: files.path, tag: null }),
				path: cache.snapshot(commit, files.path),
				bytes: sizes.reduce((sum: number, size) => sum + (size ?? 0), 0),
				commit,
				isWhole: !sizes.includes(null),
			};
			found.push({ model, files, revisions, cache });
		}
	}
	return found;
}

async function notFound(cacheFolder: string, name: ModelName): Promise<RepriseError> {
	const given = formatModelName(name);
	const names = (await cachedModels(cacheFolder)).map((model) => model.name);
	const meant = nearest(given, names);
	const hint =
		names.length === 0
			? 'it has no model'
			: meant !== undefined
				? `did you mean ${meant}?`
				: `reprise ls lists the ${names.length} that it has`;
	return new RepriseError('MODEL_NOT_FOUND', `${given} is not in the cache at ${cacheFolder}: ${hint}`);
}
