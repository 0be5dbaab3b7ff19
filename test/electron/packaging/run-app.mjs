// Runs a packaged app under the stand-in: what it says of a model in its archive and of one on the disk, and what the
// sandbox for JavaScript says where no program can be started.
//
//     node run-app.mjs APP STAND-IN MODEL PROMPT
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const [app, standIn, model, prompt] = process.argv.slice(2);
const {
	BrowserWindow,
	app: electron,
	dialog,
	ipcMain,
	utilityProcess,
} = await import(pathToFileURL(standIn));
await import(pathToFileURL(join(app, 'src', 'main.mjs')));
const { webContents } = BrowserWindow.windows[0];

/** Asks, and resolves with what the window was told up to an event of this type. */
function told(last, ask) {
	const events = [];
	return new Promise((resolve, reject) => {
		const listener = ({ values: [event] }) => {
			events.push(event);
			if (event.type !== last && !['failed', 'ended'].includes(event.type)) return;
			webContents.off('sent', listener);
			if (event.type === last) resolve(events);
			else reject(new Error(`Expected ${last} but was told ${JSON.stringify(event)}`));
		};
		webContents.on('sent', listener);
		ask();
	});
}

function load(path, last) {
	dialog.chosen = [path];
	return told(last, () => ipcMain.invoke('choose-model'));
}

process.on('exit', () => electron.quit());
const refused = (await load(join(app, 'model.gguf'), 'failed')).at(-1).message;
await load(model, 'loaded');
const reply = await told('done', () => ipcMain.receive('send', prompt));
const text = reply.flatMap(({ segments = [] }) => segments.map((segment) => segment.text)).join('');
const maps = readFileSync(`/proc/${utilityProcess.started.at(-1).pid}/maps`, 'utf8');
const [addon] = /\/\S+reprise\.node/.exec(maps) ?? [];

// A program that is started from here on, were it the app's own, fails.
process.execPath = '/no/such/program';
const verifiers = join(app, 'node_modules', 'reprise', 'dist', 'verifiers.js');
const verifier = (await import(pathToFileURL(verifiers))).javascript();
const task = { id: 'product', prompt: 'Print 6 * 7', answer: '42' };
const { outcome } = await verifier('console.log(6 * 7);', { task, signal: new AbortController().signal });
await verifier.dispose();
console.log(JSON.stringify({ refused, text, addon, outcome }));
process.exit();
