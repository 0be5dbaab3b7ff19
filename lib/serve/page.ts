import { readFileSync } from 'node:fs';
import { ownFile } from '../own-file.js';

/** The page to chat with the model, which needs nothing from elsewhere. */
export const readPage = (): string =>
	readFileSync(ownFile(['page/page.html', 'serve-page.html'], import.meta.url), 'utf8');
