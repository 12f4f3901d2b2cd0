/** The tables of the user subgraph. */
export interface UserTables {
  'user_service.users': {
    tenant_id: string
    id: string
    seq: number
    first_name: string
    last_name: string
    email: string
    created_at: Date
  }
  'user_service.notifications': {
    tenant_id: string
    id: string
    seq: number
    user_id: string
    kind: NotificationKind
    title: string
    body: string
    created_at: Date
    read_at: Date | null
  }
}

export type NotificationKind = 'ORDER' | 'OFFER' | 'ACCOUNT'
export type UserRow = Omit<UserTables['user_service.users'], 'tenant_id'>
export type NotificationRow = Omit<UserTables['user_service.notifications'], 'tenant_id'>

export const USER_TABLE_DEFINITIONS: readonly string[] = [
  `create table user_service.users (
    tenant_id text not null,
    id text not null,
    seq integer not null,
    first_name text not null,
    last_name text not null,
    email text not null,
    created_at timestamptz(3) not null,
    primary key (tenant_id, id),
    unique (tenant_id, seq),
    unique (tenant_id, email)
  )`,
  `create table user_service.notifications (
    tenant_id text not null,
    id text not null,
    seq integer not null,
    user_id text not null,
    kind text not null check (kind in ('ORDER', 'OFFER', 'ACCOUNT')),
    title text not null,
    body text not null,
    created_at timestamptz(3) not null,
    read_at timestamptz(3),
    primary key (tenant_id, id),
    foreign key (tenant_id, user_id) references user_service.users (tenant_id, id)
  )`,
  `create unique index notifications_of_user on user_service.notifications (tenant_id, user_id, seq)`,
  `create index unread_notifications on user_service.notifications (tenant_id, user_id) where read_at is null`,
]
