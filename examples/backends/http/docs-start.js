// Started by a file of its own: the page's policy lets no script stand in its HTML.
window.SwaggerUIBundle({
  url: '/openapi.json',
  dom_id: '#api',
  deepLinking: true,
  displayRequestDuration: true,
  // Otherwise the page would send the document to a validator somewhere else.
  validatorUrl: null,
})
