import type { BenchResults } from '../results.js';
import type { Chart } from './chart.js';
import { chartsByContext } from './charts/by-context.js';
import { firstTokenChart } from './charts/first-token.js';
import { passCostChart } from './charts/pass-cost.js';
import { passPartsChart } from './charts/pass-parts.js';
import { startChart } from './charts/start.js';
import { workloadCharts } from './charts/workload.js';

/** All pictures that the results are enough for. */
export const chartsOf = (results: BenchResults): Chart[] => [
	...chartsByContext(results),
	...firstTokenChart(results),
	...passPartsChart(results),
	...passCostChart(results),
	...startChart(results),
	...workloadCharts(results),
];
