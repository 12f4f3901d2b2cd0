import type { FastifyInstance } from 'fastify'
import { fault } from '../kit/faults.js'
import { hashText } from '../kit/random.js'
import { escapeXml, readPixels, sendSvg } from '../kit/svg.js'

const [SMALLEST, LARGEST, USUAL] = [16, 1024, 64] as const
const INITIALS = /^\p{L}{1,4}$/u

/**
 * Where the avatar of a user is.
 *
 * The initials stand in the address: the picture needs no look-up, and a new name has a new address.
 */
export function avatarUrl(
  user: { readonly id: string; readonly first_name: string; readonly last_name: string },
  size: number | null | undefined,
  assetUrl: string,
): string {
  const pixels = size ?? USUAL
  if (pixels < SMALLEST || pixels > LARGEST) {
    throw fault('BAD_USER_INPUT', `"size" must be between ${SMALLEST} and ${LARGEST}.`)
  }
  const initials = [user.first_name, user.last_name]
    .map((name) => /^\p{L}/u.exec(name.normalize('NFC'))?.[0] ?? '')
    .join('')
  const shown = INITIALS.test(initials) ? initials.toUpperCase() : 'U'
  return `${assetUrl}/avatars/${encodeURIComponent(user.id)}.svg?size=${pixels}&initials=${encodeURIComponent(shown)}`
}

/** Serves the avatars: drawn from the address alone. */
export function addAvatarRoute(app: FastifyInstance): void {
  app.get<{ Params: { file: string }; Querystring: { size?: string; initials?: unknown } }>(
    '/avatars/:file',
    (request, reply) => {
      const size = readPixels(request.query.size, USUAL, SMALLEST, LARGEST)
      if (size === undefined) return reply.code(400).send({ error: 'size is out of range' })
      const { initials } = request.query
      const shown = typeof initials === 'string' && INITIALS.test(initials) ? initials : 'U'
      return sendSvg(reply, drawAvatar(request.params.file, shown, size))
    },
  )
}

/** The initials on a disc whose colours depend on `name`. */
export function drawAvatar(name: string, initials: string, size: number): string {
  const hue = hashText(name) % 360
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${size}" height="${size}" viewBox="0 0 64 64" role="img">`,
    `<defs><linearGradient id="g${hue}" x2="1" y2="1"><stop stop-color="hsl(${hue} 62% 58%)"/>`,
    `<stop offset="1" stop-color="hsl(${(hue + 40) % 360} 58% 42%)"/></linearGradient></defs>`,
    `<circle cx="32" cy="32" r="32" fill="url(#g${hue})"/>`,
    `<text x="32" y="41" font-size="26" font-family="system-ui, sans-serif" font-weight="600" fill="#fff"`,
    ` text-anchor="middle">${escapeXml(initials)}</text></svg>`,
  ].join('')
}
