import { existsSync } from 'node:fs';
import { fileURLToPath, URL } from 'node:url';

/**
 * A file of this package that no `import` names: the code of a thread, or what is loaded when it is needed.
 * Of `names`, which it may have in lib/ and in dist/, it is the first that is there. It lies beside the module
 * at `url`; where that is bundled it lies in dist/, and the module there or in dist/cli/.
 */
export function ownFile(names: readonly string[], url: string): string {
	// Bundled as CommonJS, a module has no url.
	if (url === undefined) throw bundled(names, 'the bundle');
	const paths = names.flatMap((name) => [`./${name}`, `../${name}`].map((path) => new URL(path, url)));
	const found = paths.map((path) => fileURLToPath(path)).find((path) => existsSync(path));
	if (found === undefined) throw bundled(names, fileURLToPath(url));
	return found;
}

const bundled = ([name]: readonly string[], place: string) =>
	new Error(
		`There is no ${name} beside ${place}; leave reprise out of the bundle (external): docs/bundlers.md shows how`,
	);
