import { describe, expect, it } from '@jest/globals'
import { createMetrics } from '../../../src/infra/metrics.js'

describe('the metrics', () => {
  it('counts requests and puts durations into cumulative buckets', async () => {
    const metrics = createMetrics({ processMetrics: false })
    metrics.countRequest({ frontEnd: 'graphql', status: 200, milliseconds: 3 })
    metrics.countRequest({ frontEnd: 'graphql', status: 200, milliseconds: 30 })
    metrics.countRequest({ frontEnd: 'bff', status: 429, milliseconds: 60_000 })

    const lines = (await metrics.text()).split('\n')
    expect(lines).toEqual(
      expect.arrayContaining([
        'gateway_requests_total{front_end="graphql",status="200"} 2',
        'gateway_requests_total{front_end="bff",status="429"} 1',
        'gateway_request_duration_seconds_bucket{le="0.0025",front_end="graphql"} 0',
        'gateway_request_duration_seconds_bucket{le="0.005",front_end="graphql"} 1',
        'gateway_request_duration_seconds_bucket{le="0.05",front_end="graphql"} 2',
        'gateway_request_duration_seconds_bucket{le="10",front_end="bff"} 0',
        'gateway_request_duration_seconds_bucket{le="+Inf",front_end="bff"} 1',
        'gateway_request_duration_seconds_sum{front_end="bff"} 60',
        'gateway_request_duration_seconds_count{front_end="graphql"} 2',
        '# TYPE gateway_request_duration_seconds histogram',
      ]),
    )
  })

  it('counts stages, errors, cache answers and subgraph calls under their labels', async () => {
    const metrics = createMetrics({ processMetrics: false })
    metrics.observeStage('plan', 1)
    metrics.countError('REQUEST_RATE_LIMITED')
    metrics.countCache('HIT')
    metrics.observeSubgraphCall({ subgraph: 'order', outcome: 'ok', milliseconds: 12 })
    metrics.countSharedCall('order')
    const text = await metrics.text()
    expect(text).toContain('gateway_stage_duration_seconds_count{stage="plan"} 1')
    expect(text).toContain('gateway_errors_total{code="REQUEST_RATE_LIMITED"} 1')
    expect(text).toContain('gateway_cache_total{status="HIT"} 1')
    expect(text).toContain('gateway_subgraph_duration_seconds_sum{subgraph="order",outcome="ok"} 0.012')
    expect(text).toContain('gateway_subgraph_shared_calls_total{subgraph="order"} 1')
  })

  it('bounds the number of series, whatever comes as a label', async () => {
    const metrics = createMetrics({ processMetrics: false })
    for (let index = 0; index < 5_000; index += 1) metrics.countError(`CODE_${index}`)
    const series = (await metrics.text())
      .split('\n')
      .filter((line) => line.startsWith('gateway_errors_total{'))
    expect(series).toHaveLength(201)
    expect(series).toContain('gateway_errors_total{code="other"} 4800')
  })

  it('shows the process and the dependencies', async () => {
    const metrics = createMetrics({
      dependencies: () => [
        { name: 'redis', state: 'down', required: false },
        { name: 'supergraph', state: 'up', required: true },
      ],
    })
    const text = await metrics.text()
    expect(text).toContain('gateway_dependency_up{name="redis"} 0')
    expect(text).toContain('gateway_dependency_up{name="supergraph"} 1')
    expect(text).toMatch(/^nodejs_eventloop_lag_seconds /m)
  })

  it('belongs to one gateway', async () => {
    const [one, two] = [createMetrics({ processMetrics: false }), createMetrics({ processMetrics: false })]
    one.countCache('HIT')
    expect(await two.text()).not.toContain('HIT')
  })
})
