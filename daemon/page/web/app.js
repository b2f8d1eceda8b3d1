"use strict";

const service = document.getElementById("service");
const folders = document.getElementById("folders");

function show(status) {
  service.textContent = status.state || "the service works";
  folders.replaceChildren(...(status.folders || []).map((folder) => {
    const row = document.createElement("li");
    row.textContent = `${folder.name}: ${folder.state}, ${folder.queued} queued, ${folder.done} done, ${folder.failed} failed`;
    return row;
  }));
}

const events = new EventSource("/events");
events.addEventListener("status", (event) => show(JSON.parse(event.data)));
events.addEventListener("daemon", (event) => {
  if (!JSON.parse(event.data).alive)
    service.textContent = "the service does not answer";
});
