// What examples/electron uses of Electron's main process, as Electron's documentation describes it, without windows:
// the tests play the window and the user. A utility process is a process indeed.
import { fork } from 'node:child_process';
import { EventEmitter } from 'node:events';

class WebContents extends EventEmitter {
	session = { setPermissionRequestHandler: () => {} };
	/** What the app has sent to its page. */
	sent = [];

	setWindowOpenHandler() {}

	/** What crosses to another process is copied. */
	send(channel, ...values) {
		const message = structuredClone({ channel, values });
		this.sent.push(message);
		this.emit('sent', message);
	}
}

export class BrowserWindow {
	static windows = [];
	webContents = new WebContents();
	/** The page. */
	file = null;

	constructor(options) {
		this.options = options;
		BrowserWindow.windows.push(this);
	}

	isDestroyed() {
		return false;
	}

	async loadFile(file) {
		this.file = file;
	}
}

class IpcMain extends EventEmitter {
	handlers = new Map();

	handle(channel, handler) {
		if (this.handlers.has(channel)) throw new Error(`There is a handler for ${channel} already`);
		this.handlers.set(channel, handler);
	}

	/** What ipcRenderer.invoke gives in the page. */
	async invoke(channel, ...values) {
		const handler = this.handlers.get(channel);
		if (!handler) throw new Error(`There is no handler for ${channel}`);
		return structuredClone(await handler({}, ...structuredClone(values)));
	}

	/** What ipcRenderer.send does in the page. */
	receive(channel, ...values) {
		if (!this.emit(channel, {}, ...structuredClone(values))) throw new Error(`Nobody listens to ${channel}`);
	}
}

export const ipcMain = new IpcMain();

export const dialog = {
	/** What the user chooses next. */
	chosen: [],
	async showOpenDialog() {
		return { canceled: this.chosen.length === 0, filePaths: this.chosen };
	},
};

class UtilityProcess extends EventEmitter {
	#child;

	constructor(modulePath, args) {
		super();
		this.#child = fork(modulePath, args, {
			serialization: 'advanced',
			execArgv: ['--import', new URL('./parent-port.mjs', import.meta.url).href],
		});
		this.#child.on('spawn', () => this.emit('spawn'));
		this.#child.on('message', (message) => this.emit('message', message));
		// Chromium tells a signal by its number as well.
		this.#child.on('exit', (code, signal) => this.emit('exit', code ?? signals[signal] ?? 1));
	}

	get pid() {
		return this.#child.pid;
	}

	postMessage(message) {
		this.#child.send(message);
	}

	kill() {
		return this.#child.kill();
	}
}

const signals = { SIGABRT: 6, SIGKILL: 9, SIGTERM: 15 };

export const utilityProcess = {
	/** The processes that were started, in their order. */
	started: [],
	fork(modulePath, args = [], _options = {}) {
		const process = new UtilityProcess(modulePath, args);
		this.started.push(process);
		return process;
	},
};

class App extends EventEmitter {
	async whenReady() {}

	quit() {
		this.emit('will-quit');
	}
}

export const app = new App();
