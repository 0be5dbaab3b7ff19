interface Block {
	language: string;
	code: string;
}

/**
 * The fenced code blocks of a Markdown text; one that is never closed ends with the text (CommonMark 0.31
 * §4.5).
 */
function fencedBlocks(markdown: string): Block[] {
	const blocks: Block[] = [];
	let open: { fence: string; language: string; lines: string[] } | null = null;
	for (const line of markdown.split(/\r?\n/)) {
		const [, fence, info = ''] = /^ {0,3}(`{3,}|~{3,})([^`]*)$/.exec(line) ?? [];
		const [label = ''] = info.trim().split(/\s/, 1);
		if (open === null) {
			if (fence !== undefined) open = { fence, language: label.toLowerCase(), lines: [] };
		} else if (label === '' && fence?.startsWith(open.fence)) {
			blocks.push({ language: open.language, code: open.lines.join('\n') });
			open = null;
		} else open.lines.push(line);
	}
	if (open) blocks.push({ language: open.language, code: open.lines.join('\n') });
	return blocks;
}

/**
 * The code of an answer: its last block labelled with one of `languages`, else its last block without a
 * label, else, where it has no block at all, the whole answer. Without `languages`, its last block whatever
 * the label.
 */
export function codeOf(answer: string, languages?: readonly string[]): string | undefined {
	const blocks = fencedBlocks(answer);
	if (blocks.length === 0) return answer.trim() === '' ? undefined : answer;
	if (languages === undefined) return blocks.at(-1)?.code;
	const labelled = blocks.findLast(({ language }) => languages.includes(language));
	return (labelled ?? blocks.findLast(({ language }) => language === ''))?.code;
}
