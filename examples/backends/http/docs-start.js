// Swagger UI has a dark look of its own, which somebody has to ask for.
const dark = matchMedia('(prefers-color-scheme: dark)')
const follow = () => document.documentElement.classList.toggle('dark-mode', dark.matches)
dark.addEventListener('change', follow)
follow()

// Started by a file of its own: the page's policy lets no script stand in its HTML.
window.SwaggerUIBundle({
  url: '/openapi.json',
  dom_id: '#api',
  deepLinking: true,
  displayRequestDuration: true,
  // Otherwise the page would send the document to a validator somewhere else.
  validatorUrl: null,
})
