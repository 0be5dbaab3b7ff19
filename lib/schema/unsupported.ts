import { RepriseError } from '../errors.js';

/** The error for a part of a schema that no grammar can follow; `why` says what would do. */
export function unsupported(path: string, why: string): RepriseError {
	const place = path.length > 200 ? `${path.slice(0, 200)}…` : path;
	return new RepriseError('SCHEMA_UNSUPPORTED', `The schema cannot be followed at ${place}: ${why}`);
}
