/** How the shell reads the text at some place: what it is in, the innermost last. */
type Inside = 'single' | 'double' | 'backticks' | 'parentheses';

/** `{file}` or `{file.ext}`. */
export const placeholder = /\{file(\.[\w.-]+)?\}/g;

/** What no shell reads as anything but itself. */
const plain = /^[\w/.:@+,-]*$/;

/**
 * The line with `path` in place of `{file}`, as one word of it: quoted where it has to be, in the way of the
 * quotes that it stands in. Here-documents and comments are taken for text like any other.
 */
export function fillShellLine(line: string, path: string): string {
	if (plain.test(path)) return line.replace(placeholder, () => path);
	const inside: Inside[] = [];
	let filled = '';
	for (let at = 0; at < line.length; ) {
		const isSingle = inside.at(-1) === 'single';
		const [token = ''] = (isSingle ? inSingleQuotes : inShell).exec(line.slice(at)) ?? [];
		filled += token.startsWith('{file') ? quoted(path, inside) : token;
		enter(token, inside);
		at += token.length;
	}
	return filled;
}

/**
 * A placeholder, what opens or closes a quote or a substitution, what a backslash keeps from it, or a
 * character.
 */
const inShell = /^(?:\{file(?:\.[\w.-]+)?\}|\\[\s\S]|\$\(|[\s\S])/;
const inSingleQuotes = /^(?:\{file(?:\.[\w.-]+)?\}|[\s\S])/;

/** What the text after a token is in. */
function enter(token: string, inside: Inside[]): void {
	const innermost = inside.at(-1);
	if (innermost === 'single') {
		if (token === "'") inside.pop();
	} else if (token === '`') {
		const begun = inside.lastIndexOf('backticks');
		if (begun >= 0) inside.splice(begun);
		else inside.push('backticks');
	} else if (token === '"') {
		if (innermost === 'double') inside.pop();
		else inside.push('double');
	} else if (token === '$(') inside.push('parentheses');
	else if (innermost !== 'double') {
		if (token === "'") inside.push('single');
		else if (token === '(') inside.push('parentheses');
		else if (token === ')' && innermost === 'parentheses') inside.pop();
	}
}

function quoted(path: string, inside: readonly Inside[]): string {
	const text = {
		single: path.replaceAll("'", "'\\''"),
		double: path.replace(/[\\"$`]/g, '\\$&'),
		none: `'${path.replaceAll("'", "'\\''")}'`,
	};
	const innermost = inside.at(-1);
	const word = innermost === 'single' || innermost === 'double' ? text[innermost] : text.none;
	// Backticks take a level of backslashes away.
	return inside.includes('backticks') ? word.replace(/[\\`]/g, '\\$&') : word;
}

/**
 * The same for cmd.exe, where paths have no quotes in them, and `"` begins and ends what is taken as it is. A
 * path with the name of a variable between two `%` cannot be written in a line of it.
 */
export function fillCmdLine(line: string, path: string): string {
	if (/^[\w\\/.:@+-]*$/.test(path)) return line.replace(placeholder, () => path);
	return line.replace(placeholder, (_, __, at: number) => {
		const isQuoted = (line.slice(0, at).split('"').length - 1) % 2 === 1;
		return isQuoted ? path : `"${path}"`;
	});
}
