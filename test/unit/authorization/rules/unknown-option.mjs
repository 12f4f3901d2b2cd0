export const permissions = {}
export const options = { debug: true }
