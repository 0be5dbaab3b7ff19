import { existsSync } from 'node:fs';
import { fileURLToPath, URL } from 'node:url';

/**
 * A file of this package that Node loads by itself, for a thread or a process. It lies beside the module at
 * `url`; where that is bundled it lies in dist/, and the module there or in dist/cli/.
 */
export function ownFile(name: string, url: string): string {
	const beside = fileURLToPath(new URL(`./${name}`, url));
	return existsSync(beside) ? beside : fileURLToPath(new URL(`../${name}`, url));
}
