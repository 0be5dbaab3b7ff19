import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** What a piece of code of others asks to be told of it. */
export interface Notice {
	/** Its name, and its version where it has one. */
	title: string;
	/** The licence in short, as SPDX names it. */
	license: string;
	/** The licence in full, with the names of the holders. */
	text: string;
}

const line = '-'.repeat(80);

/** A file of notices, in the order of their titles: a list, and then the texts. */
export function noticesText(opening: string, notices: readonly Notice[]): string {
	const sorted = [...notices].sort((one, other) => (one.title < other.title ? -1 : 1));
	const list = sorted.map(({ title, license }) => `- ${title} (${license})`);
	const texts = sorted.map(
		({ title, license, text }) =>
			`${line}\n${title} (${license})\n\n${text.replaceAll('\r\n', '\n').trim()}\n`,
	);
	return `${opening}\n\n${list.join('\n')}\n\n${texts.join('\n')}`;
}

/** A licence that comes with no file of its own. */
export function licenceText(name: 'mit' | 'gcc-runtime-library-exception'): string {
	return readFileSync(fileURLToPath(new URL(`./texts/${name}.txt`, import.meta.url)), 'utf8');
}

/** The MIT licence for code whose files name their holders alone. */
export function mit(...holders: readonly string[]): string {
	return `${holders.join('\n')}\n\n${licenceText('mit')}`;
}
