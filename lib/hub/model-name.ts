import { invalid } from '../options.js';

/** A model on the Hugging Face Hub, as `hf:` names it. */
export interface ModelName {
	/** `owner/name`. */
	readonly repo: string;
	/** A branch, a tag of Git or a commit. */
	readonly revision: string;
	/** The path of the file within the repository; null where the tag or the default chooses. */
	readonly file: string | null;
	/** The quantisation in upper case; null where the file is named or the default chooses. */
	readonly tag: string | null;
}

export const defaultRevision = 'main';

const pattern = /^hf:(?:\/\/)?([\w.-]+\/[\w.-]+)(?:@([\w.+%-]+))?(?:\/([^\0\\]+\.gguf)|:([\w.-]+))?$/i;

/** Whether `value` names a model on the hub. A file that has such a name indeed is reached as `./hf:…`. */
export const isModelName = (value: unknown): value is string =>
	typeof value === 'string' && /^hf:/i.test(value);

/** Throws `OPTION_INVALID` where `value` is no name. */
export function parseModelName(value: unknown, name: string): ModelName {
	const [, repo = '', revision = defaultRevision, file = null, tag] =
		(typeof value === 'string' && pattern.exec(value)) || [];
	const parsed = { repo, revision: decoded(revision), file, tag: tag?.toUpperCase() ?? null };
	// Owner and name make up a folder's name, in which two dashes part them.
	const isWhole = repo !== '' && !repo.split('/')[0]?.includes('--') && repo.split('/').every(isInside);
	if (isWhole && isInside(parsed.revision) && (file === null || isInside(file))) return parsed;
	throw invalid('hf:OWNER/REPO, hf:OWNER/REPO:TAG or hf:OWNER/REPO/FILE.gguf', name, value);
}

/** Whether a path of the hub, which becomes one of the cache, leads nowhere else. */
export function isInside(path: string): boolean {
	const isSafe = (part: string) => part !== '' && part !== '.' && part !== '..' && !/[\0\\:]/.test(part);
	return path.split('/').every(isSafe);
}

/** The name by which `parseModelName` finds this again. */
export function formatModelName({ repo, revision, file, tag }: ModelName): string {
	const at = revision === defaultRevision ? '' : `@${encodeURIComponent(revision)}`;
	const rest = file !== null ? `/${file}` : tag !== null ? `:${tag}` : '';
	return `hf:${repo}${at}${rest}`;
}

/** A slash in a revision is written `%2F`, since a plain one begins the file. */
function decoded(revision: string): string {
	try {
		return decodeURIComponent(revision);
	} catch {
		return '';
	}
}
