// Writes docs/errors.md from the docstrings of the codes in lib/errors.ts.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath, pathToFileURL } from 'node:url';
import ts from 'typescript';

const root = new URL('../../', import.meta.url);
const page = fileURLToPath(new URL('docs/errors.md', root));

const introduction = `# Errors

Every error of the library is a \`RepriseError\`: its \`message\` says what was wrong and what to do, and its \`code\`
is one of these. An argument that can be checked at once is thrown; all else rejects the promise of the call.

<!-- The codes' docstrings in lib/errors.ts are written here by npm run docs. -->

| code | when | what to do |
|---|---|---|
`;

/** The docstring's paragraphs of each code. */
function codes(): Array<[name: string, paragraphs: string[]]> {
	const path = fileURLToPath(new URL('lib/errors.ts', root));
	const source = ts.createSourceFile(path, readFileSync(path, 'utf8'), ts.ScriptTarget.Latest, true);
	const found: Array<[string, string[]]> = [];
	const visit = (node: ts.Node, inCodes: boolean): void => {
		if (inCodes && ts.isPropertyAssignment(node)) {
			const text = ts.getJSDocCommentsAndTags(node).map((doc) => ts.getTextOfJSDocComment(doc.comment) ?? '');
			found.push([node.name.getText(), text.join('\n').split(/\n\s*\n/)]);
		}
		const isTable = ts.isVariableDeclaration(node) && node.name.getText() === 'errorCodes';
		ts.forEachChild(node, (child) => visit(child, inCodes || isTable));
	};
	visit(source, false);
	return found;
}

/** The page as the docstrings have it. Throws where one does not say both. */
export function errorsPage(): string {
	const rows = codes().map(([name, paragraphs]) => {
		const [when, mend] = paragraphs.map((paragraph) => paragraph.replaceAll(/\s+/g, ' ').trim());
		if (!when || !mend || paragraphs.length !== 2)
			throw new Error(`lib/errors.ts: expected two paragraphs at ${name}: when it is thrown, and what to do`);
		return `| \`${name}\` | ${when} | ${mend} |\n`;
	});
	return introduction + rows.join('');
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) writeFileSync(page, errorsPage());
