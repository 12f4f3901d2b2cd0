import type { FastifyInstance } from 'fastify'
import { seedCategories, seedProducts } from '../kit/catalogue.js'
import { CATEGORIES } from '../kit/catalogue-words.js'
import { fault } from '../kit/faults.js'
import { hashText } from '../kit/random.js'
import { escapeXml, readPixels, sendSvg } from '../kit/svg.js'
import { TENANTS } from '../kit/tenants.js'

const [SMALLEST, LARGEST, USUAL] = [16, 2000, 640] as const

export interface Image {
  readonly url: string
  readonly width: number
  readonly height: number
  readonly alt: string
}

/** Where the picture of a product is; `width` null takes the usual one. */
export function imageOf(
  product: { readonly id: string; readonly name: string },
  width: number | null | undefined,
  assetUrl: string,
): Image {
  const pixels = width ?? USUAL
  if (pixels < SMALLEST || pixels > LARGEST) {
    throw fault('BAD_USER_INPUT', `"width" must be between ${SMALLEST} and ${LARGEST}.`)
  }
  const url = `${assetUrl}/images/${encodeURIComponent(product.id)}.svg?width=${pixels}`
  return { url, width: pixels, height: pixels, alt: product.name }
}

/** Serves the pictures: drawn from the seeds, so that they need neither files nor a signed request. */
export function addImageRoute(app: FastifyInstance): void {
  const captions = readCaptions()
  app.get<{ Params: { file: string }; Querystring: { width?: string } }>(
    '/images/:file',
    (request, reply) => {
      const id = request.params.file.replace(/\.svg$/, '')
      const caption = captions.get(id)
      const width = readPixels(request.query.width, USUAL, SMALLEST, LARGEST)
      if (caption === undefined) return reply.code(404).send({ error: 'no such image' })
      if (width === undefined) return reply.code(400).send({ error: 'width is out of range' })
      return sendSvg(reply, drawProduct(id, caption, width))
    },
  )
}

interface Caption {
  readonly name: string
  readonly category: string
  readonly hue: number
}

function readCaptions(): ReadonlyMap<string, Caption> {
  const captions = new Map<string, Caption>()
  for (const tenant of TENANTS) {
    const categories = seedCategories(tenant)
    for (const product of seedProducts(tenant)) {
      const index = categories.findIndex((category) => category.id === product.categoryId)
      const category = CATEGORIES[index]
      captions.set(product.id, {
        name: product.name,
        category: category?.name ?? '',
        hue: category?.hue ?? 0,
      })
    }
  }
  return captions
}

/** A calm still life: three overlapping shapes in the hue of the category, and the name below. */
export function drawProduct(id: string, { name, category, hue }: Caption, width: number): string {
  const chance = hashText(id)
  const turn = chance % 360
  const shape = (index: number): string => drawShape((chance >>> (index * 4)) % 3, index, hue)
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${width}" viewBox="0 0 400 400" role="img">`,
    `<title>${escapeXml(name)}</title>`,
    `<defs><linearGradient id="g${chance}" gradientTransform="rotate(${turn % 90})">`,
    `<stop stop-color="hsl(${hue} 55% 94%)"/><stop offset="1" stop-color="hsl(${(hue + 30) % 360} 50% 84%)"/>`,
    `</linearGradient></defs><rect width="400" height="400" fill="url(#g${chance})"/>`,
    `<g transform="rotate(${turn} 200 170)">${shape(0)}${shape(1)}${shape(2)}</g>`,
    `<g font-family="system-ui, sans-serif" text-anchor="middle" fill="hsl(${hue} 45% 22%)">`,
    `<text x="200" y="338" font-size="${name.length > 30 ? 17 : 20}" font-weight="600">${escapeXml(name)}</text>`,
    `<text x="200" y="364" font-size="14" opacity=".7">${escapeXml(category)}</text></g></svg>`,
  ].join('')
}

function drawShape(kind: number, index: number, hue: number): string {
  const fill = `hsl(${(hue + index * 24) % 360} ${62 - index * 8}% ${52 + index * 9}%)`
  const [x, y, size] = [150 + index * 46, 130 + ((index * 53) % 70), 92 - index * 18]
  if (kind === 0) return `<circle cx="${x}" cy="${y}" r="${size / 1.3}" fill="${fill}" fill-opacity=".85"/>`
  const [left, top] = [x - size / 2, y - size / 2]
  const corner = kind === 1 ? 14 : size / 2
  return `<rect x="${left}" y="${top}" width="${size}" height="${size * 1.35}" rx="${corner}" fill="${fill}" fill-opacity=".85"/>`
}
