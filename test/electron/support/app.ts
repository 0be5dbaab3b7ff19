import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { Bridge, ModelEvent } from '../../../examples/electron/src/messages.js';

const root = fileURLToPath(new URL('../../..', import.meta.url));

interface Sent {
	channel: string;
	values: [ModelEvent];
}

/** What tests see of the stand-in for Electron: `stand-in/index.mjs`. */
interface StandIn {
	BrowserWindow: {
		windows: Array<{
			file: string;
			options: { webPreferences: Record<string, unknown> & { preload: string } };
			webContents: NodeJS.EventEmitter & { sent: Sent[] };
		}>;
	};
	app: { quit(): void };
	dialog: { chosen: string[] };
	ipcMain: {
		invoke(channel: string, ...values: unknown[]): Promise<unknown>;
		receive(channel: string, ...values: unknown[]): void;
	};
	utilityProcess: { started: Array<{ pid: number; postMessage(message: unknown): void }> };
}

/** An app of examples/electron that runs, under the stand-in. */
export class ElectronApp {
	readonly standIn: StandIn;
	readonly #folder: string;

	private constructor(standIn: StandIn, folder: string) {
		this.standIn = standIn;
		this.#folder = folder;
	}

	/** Starts a copy of the example, which finds the stand-in and the built package in its node_modules. */
	static async start(): Promise<ElectronApp> {
		const folder = mkdtempSync(join(tmpdir(), 'reprise-electron-'));
		const modules = join(folder, 'node_modules');
		mkdirSync(modules);
		cpSync(join(root, 'examples', 'electron', 'src'), join(folder, 'src'), { recursive: true });
		cpSync(join(root, 'test', 'electron', 'stand-in'), join(modules, 'electron'), { recursive: true });
		symlinkSync(root, join(modules, 'reprise'), 'junction');
		const standIn = await import(pathToFileURL(join(modules, 'electron', 'index.mjs')).href);
		await import(pathToFileURL(join(folder, 'src', 'main.mjs')).href);
		return new ElectronApp(standIn as StandIn, folder);
	}

	get window() {
		const [window] = this.standIn.BrowserWindow.windows;
		if (!window) throw new Error('The app has opened no window');
		return window;
	}

	/** The process that holds the model. */
	get utility() {
		const last = this.standIn.utilityProcess.started.at(-1);
		if (!last) throw new Error('The app has started no utility process');
		return last;
	}

	/** What the preload script gives to the page, run as a sandboxed one: it has no module but Electron's. */
	bridge(): Bridge {
		const { ipcMain } = this.standIn;
		const { webContents, options } = this.window;
		let exposed: unknown;
		const electron = {
			contextBridge: {
				exposeInMainWorld: (_name: string, value: unknown) => {
					exposed = value;
				},
			},
			ipcRenderer: {
				invoke: (channel: string, ...values: unknown[]) => ipcMain.invoke(channel, ...values),
				send: (channel: string, ...values: unknown[]) => ipcMain.receive(channel, ...values),
				on: (channel: string, listener: (event: object, message: ModelEvent) => void) =>
					webContents.on('sent', (sent: Sent) => {
						if (sent.channel === channel) listener({}, ...sent.values);
					}),
			},
		};
		const require = (name: string) => {
			if (name === 'electron') return electron;
			throw new Error(`A sandboxed preload script has no module ${name}`);
		};
		new Function('require', readFileSync(options.webPreferences.preload, 'utf8'))(require);
		return exposed as Bridge;
	}

	close(): void {
		this.standIn.app.quit();
		rmSync(this.#folder, { recursive: true, force: true });
	}
}
