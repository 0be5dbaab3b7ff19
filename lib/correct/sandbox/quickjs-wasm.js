import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

/** The bytes of QuickJS's module. In dist/ they are part of the code: see tsup.config.ts. */
export const quickjsWasm = readFileSync(
	createRequire(import.meta.url).resolve('@jitl/quickjs-wasmfile-release-sync/wasm'),
);
