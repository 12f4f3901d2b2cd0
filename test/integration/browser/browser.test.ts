/** The pages for developers in a real browser that can reach nobody but the gateway. */
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from '@jest/globals'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { describeWithBrowser, startBrowser } from '../../support/describe-with-browser.js'
import { startTinyGraph, type TinyGraph } from './tiny-graph.js'

describeWithBrowser('pages in a browser', () => {
  let graph: TinyGraph
  let browser: Browser
  let context: BrowserContext
  let page: Page
  /** What the page asked other hosts for, and what it complained about. */
  let strangers: string[]
  let complaints: string[]

  beforeAll(async () => {
    ;[graph, browser] = await Promise.all([startTinyGraph(), startBrowser()])
  })

  afterAll(async () => {
    await browser.close()
    await graph.stop()
  })

  beforeEach(async () => {
    strangers = []
    complaints = []
    context = await browser.newContext({ viewport: { width: 1_600, height: 900 } })
    // Whatever is not the gateway's is noted and not sent.
    await context.route(
      (url) => url.origin !== graph.url,
      (route) => {
        strangers.push(route.request().url())
        return route.abort()
      },
    )
    page = await context.newPage()
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text())
    })
    page.on('pageerror', (error) => complaints.push(String(error)))
  })

  afterEach(() => context.close())

  it('GraphiQL runs a query through the line, loads nothing from elsewhere and breaks no policy', async () => {
    const served = await page.goto(`${graph.url}/graphiql`)
    expect(served?.status()).toBe(200)
    const editor = page.locator('.graphiql-query-editor .monaco-editor').first()
    await editor.click()
    await page.keyboard.press('Control+A')
    await page.keyboard.press('Delete')
    await page.keyboard.insertText('{ lighthouse(name: "Bell Rock") { name metres keeper { name } } }')
    await page.keyboard.press('Control+Enter')

    const result = page.locator('.result-window')
    await result.getByText('Augusta').waitFor({ timeout: 10_000 })
    const shown = (await result.innerText()).replaceAll('\u00a0', ' ')
    expect(shown).toContain('"name": "Bell Rock"')
    expect(shown).toContain('"metres": 38')
    expect(shown).not.toContain('errors')
    // The page's questions about the schema are the gateway's to answer; only the query went further.
    expect(graph.asked).toEqual([expect.stringContaining('lighthouse')])

    const picture = join(tmpdir(), 'gatehouse-graphiql.png')
    await page.screenshot({ path: picture })
    process.stdout.write(`GraphiQL as it was seen: ${picture}\n`)
    expect(strangers).toEqual([])
    expect(complaints).toEqual([])
  })

  it('GraphiQL knows the schema: it marks a field that does not exist', async () => {
    await page.goto(`${graph.url}/graphiql`)
    const editor = page.locator('.graphiql-query-editor .monaco-editor').first()
    await editor.click()
    await page.keyboard.press('Control+A')
    await page.keyboard.insertText('{ lighthouse(name: "x") { wattage } }')
    await page.locator('.graphiql-query-editor .squiggly-error').first().waitFor({ timeout: 10_000 })
    expect(strangers).toEqual([])
    expect(complaints).toEqual([])
  })

  it('Apollo Sandbox is served to browsers, and its policies allow the hosts that it needs', async () => {
    const served = await page.goto(`${graph.url}/graphql`)
    expect(served?.status()).toBe(200)
    const headers = served?.headers() ?? {}
    expect(headers['content-type']).toBe('text/html; charset=utf-8')
    expect(headers['vary']).toContain('Accept')
    expect(headers['content-security-policy']).toBe(
      "base-uri 'none'; form-action 'none'; object-src 'none'; frame-ancestors 'none'",
    )
    expect(await page.content()).toContain('EmbeddedSandbox')
    // Its code comes from Apollo: asked for, and not blocked by a policy of ours before it was.
    expect(strangers).toContainEqual(
      expect.stringMatching(/^https:\/\/embeddable-sandbox\.cdn\.apollographql\.com\/.*\.js/),
    )
    const hosts = new Set(
      strangers.map((url) => new URL(url).hostname.replace(/^.*\.apollographql/, 'apollographql')),
    )
    expect([...hosts].sort()).toEqual(['apollographql.com', 'fonts.googleapis.com'])
    expect(complaints.filter((text) => /Content.Security.Policy/i.test(text))).toEqual([])
  })

  it('data is no page: a browser that opens an answer may do nothing with it', async () => {
    const answer = await page.request.get(`${graph.url}/health/ready`)
    expect(answer.headers()).toMatchObject({
      'content-security-policy': expect.stringContaining("default-src 'none'"),
      'x-content-type-options': 'nosniff',
    })
  })
})
