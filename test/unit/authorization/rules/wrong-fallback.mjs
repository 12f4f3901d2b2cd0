export const permissions = {}
export const options = { fallbackRule: () => true }
