// The reference of the HTTP interface, drawn from our own copy of the program and the document.

window.addEventListener("load", () => {
  window.SwaggerUIBundle({
    url: "/api/openapi.json",
    dom_id: "#reference",
    deepLinking: true,
    validatorUrl: null,
    syntaxHighlight: false,
  });
});
