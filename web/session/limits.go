package session

// secretMax bounds a token's secret, in bytes: longer ones are not hashed.
const secretMax = 512
