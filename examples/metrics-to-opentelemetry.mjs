// A session's numbers in OpenTelemetry: each metric becomes an instrument of a meter, by its kind.
// Here they are kept in memory and printed; an exporter sends them wherever yours go.
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from "@opentelemetry/sdk-metrics";
import { METRICS, openService, toChunks, transcribeChunks } from "everyword";

const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
const reader = new PeriodicExportingMetricReader({ exporter });
const provider = new MeterProvider({ readers: [reader] });
const meter = provider.getMeter("everyword");

const make = { counter: "createCounter", histogram: "createHistogram", gauge: "createGauge" };
const instruments = Object.entries(METRICS).map(([name, { kind, unit, about }]) => {
  const instrument = meter[make[kind]](`everyword.${name}`, { unit, description: about });
  return [name, instrument];
});
const byName = Object.fromEntries(instruments);
const onMetric = (name, value, attributes) => {
  const instrument = byName[name];
  if (METRICS[name].kind === "counter") instrument.add(value, attributes);
  else instrument.record(value, attributes);
};

const opened = await openService();
const chunks = toChunks("test/fixtures/reading-short.wav");
for await (const event of transcribeChunks(chunks, { service: opened.service, onMetric })) {
  if (event.type === "final") console.log(event.text);
}
await opened.close();
const { resourceMetrics } = await reader.collect();
for (const { descriptor, dataPoints } of resourceMetrics.scopeMetrics[0].metrics) {
  const values = dataPoints.map(({ value }) => value.sum?.toFixed(0) ?? value.toFixed(1));
  console.log(descriptor.name, values.join(", "), descriptor.unit);
}
await provider.shutdown();
