import type { GraphQLResolveInfo } from 'graphql'
import { signedInUser } from '../kit/caller.js'
import { readPage, toConnection } from '../kit/connection.js'
import type { Connection, PageArguments } from '../kit/connection.js'
import { fault } from '../kit/faults.js'
import { dateTimeScalar } from '../kit/scalars.js'
import type { SubgraphContext } from '../kit/subgraph-context.js'
import { avatarUrl } from './avatar-image.js'
import type { UserLoaders } from './loaders.js'
import { readProfileChange } from './profile-input.js'
import type { UpdateProfileInput } from './profile-input.js'
import type { NotificationRow, UserRow } from './tables.js'

type Context = SubgraphContext<UserLoaders>

const queryFields = {
  me: async (_root: unknown, _args: unknown, { caller, loaders }: Context): Promise<UserRow | null> =>
    loaders.byId.load(signedInUser(caller)),
  user: async (
    _root: unknown,
    { id }: { readonly id: string },
    { loaders }: Context,
  ): Promise<UserRow | null> => loaders.byId.load(id),
  users: async (
    _root: unknown,
    args: PageArguments,
    { caller, loaders }: Context,
    info: GraphQLResolveInfo,
  ): Promise<Connection<UserRow>> => {
    if (!caller.isAdmin) throw fault('FORBIDDEN', 'Only administrators may list customers.')
    const request = readPage(args, 20, 'users', info)
    return toConnection(await loaders.repository.listPage(request), request, 'users', (row) => [row.seq])
  },
}

const mutationFields = {
  updateProfile: async (
    _root: unknown,
    { input }: { readonly input: UpdateProfileInput },
    { caller, loaders }: Context,
  ): Promise<UserRow> => {
    const id = signedInUser(caller)
    const user = await loaders.repository.updateProfile(id, readProfileChange(input)).catch(refuseTakenEmail)
    if (user === undefined) throw fault('NOT_FOUND', 'There is no such customer.')
    loaders.byId.clear(id).prime(id, user)
    return user
  },
  markNotificationsRead: async (
    _root: unknown,
    { ids }: { readonly ids: readonly string[] },
    { caller, loaders }: Context,
  ): Promise<number> => {
    if (ids.length > 1_000) throw fault('BAD_USER_INPUT', 'At most 1000 notifications at a time.')
    const count = await loaders.repository.markRead(signedInUser(caller), ids, new Date())
    loaders.unread.clearAll()
    loaders.notifications.clearAll()
    return count
  },
}

/** SQLSTATE 23505: another customer has the address. */
function refuseTakenEmail(error: unknown): never {
  if (error instanceof Error && 'code' in error && error.code === '23505') {
    throw fault('BAD_USER_INPUT', 'This e-mail address cannot be used.')
  }
  throw error
}

const userFields = {
  __resolveReference: async (
    { id }: { readonly id: string },
    { loaders }: Context,
  ): Promise<UserRow | null> => loaders.byId.load(id),
  firstName: (user: UserRow): string => user.first_name,
  lastName: (user: UserRow): string => user.last_name,
  name: (user: UserRow): string => `${user.first_name} ${user.last_name}`,
  createdAt: (user: UserRow): Date => user.created_at,
  avatarUrl: (user: UserRow, { size }: { readonly size?: number | null }, { assetUrl }: Context): string =>
    avatarUrl(user, size, assetUrl),
  unreadNotifications: async (user: UserRow, _args: unknown, { loaders }: Context): Promise<number> =>
    loaders.unread.load({ parentId: user.id, arguments: null }),
  notifications: async (
    user: UserRow,
    args: PageArguments & { readonly unreadOnly?: boolean | null },
    { loaders }: Context,
    info: GraphQLResolveInfo,
  ): Promise<Connection<NotificationRow>> => {
    const request = { ...readPage(args, 10, 'notifications', info), unreadOnly: args.unreadOnly ?? false }
    const page = await loaders.notifications.load({ parentId: user.id, arguments: request })
    return toConnection(page, request, 'notifications', (row) => [row.seq])
  },
}

const notificationFields = {
  createdAt: (notification: NotificationRow): Date => notification.created_at,
  readAt: (notification: NotificationRow): Date | null => notification.read_at,
}

export const userResolvers = {
  DateTime: dateTimeScalar,
  Query: queryFields,
  Mutation: mutationFields,
  User: userFields,
  Notification: notificationFields,
}
