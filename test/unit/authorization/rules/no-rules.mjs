export default 'deny'
