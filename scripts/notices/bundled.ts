// Collects the licences of the packages whose code tsup puts into dist/, and writes them to dist/.

import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { Options } from 'tsup';
import { mit, type Notice, noticesText } from './text.js';

type Plugin = NonNullable<Options['esbuildPlugins']>[number];

/** Where the notices of a build are written. */
export const bundledNotices = join('dist', 'THIRD_PARTY_NOTICES.txt');

const opening =
	'The JavaScript files of this package hold code of the following. Their licences and notices follow.';

/** What is compiled into QuickJS's WebAssembly besides QuickJS, and is not in the licence of its package. */
const inWebAssembly: readonly Notice[] = [
	{
		title: 'Emscripten, https://emscripten.org',
		license: 'MIT',
		text: mit('Copyright (c) 2010-2014 Emscripten authors, see AUTHORS file.'),
	},
	{
		title: 'musl, https://musl.libc.org',
		license: 'MIT',
		text: mit('Copyright © 2005-2020 Rich Felker, et al.'),
	},
];

/** Whose types are in the declarations, which are not among the files that plugins are told of. */
const inDeclarations: readonly string[] = ['@ai-sdk/provider', '@types/json-schema'];

/** The folder of the package that a file lies in; undefined where that is this one. */
export function packageOf(file: string): string | undefined {
	const inside = /^(.*[\\/]node_modules[\\/](?:@[^\\/]+[\\/])?[^\\/]+)[\\/]/.exec(file);
	return inside?.[1];
}

/** Throws where a package says no licence, since it must not be given away then. */
export function noticeOf(folder: string): Notice {
	const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
	const named = readdirSync(folder, { withFileTypes: true }).filter(({ name }) =>
		/^(licen[cs]e|copying|notice)/i.test(name),
	);
	// A folder of licences has those of what the package itself was made from.
	const files = named.flatMap((entry) =>
		entry.isDirectory()
			? readdirSync(join(folder, entry.name)).map((file) => join(entry.name, file))
			: [entry.name],
	);
	if (typeof license !== 'string' || files.length === 0)
		throw new Error(`${name} has no licence, and its code is in dist/`);
	const texts = files.sort().map((file) => readFileSync(join(folder, file), 'utf8'));
	return { title: `${name} ${version}`, license, text: texts.join('\n\n') };
}

/** A plugin for all builds of one run, each of which adds what it has bundled to the notices. */
export function thirdPartyNotices(): Plugin {
	const folders = new Set<string>();
	return {
		name: 'third-party-notices',
		setup(build) {
			build.initialOptions.metafile = true;
			build.onEnd(({ metafile }) => {
				if (metafile === undefined) return;
				for (const output of Object.values(metafile.outputs))
					for (const [file, { bytesInOutput }] of Object.entries(output.inputs)) {
						const folder = bytesInOutput > 0 ? packageOf(resolve(file)) : undefined;
						if (folder !== undefined && existsSync(join(folder, 'package.json'))) folders.add(folder);
					}
				if (folders.size === 0) return;
				for (const name of inDeclarations) folders.add(resolve('node_modules', name));
				mkdirSync(dirname(bundledNotices), { recursive: true });
				// A package that others have within them may be there twice.
				const notices = new Map([...folders].map(noticeOf).map((notice) => [notice.title, notice]));
				writeFileSync(bundledNotices, noticesText(opening, [...notices.values(), ...inWebAssembly]));
			});
		},
	};
}
