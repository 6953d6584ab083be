// Taking away what is on the screen: as a picture from the same code that draws the command line's figures, as numbers,
// as the command that makes it again, as a link, and directions as files that other runs and programs read.

import { base64 } from "./answers.js";
import { openDialog } from "./dialogs.js";
import { element, fill } from "./elements.js";
import { walkQuery } from "./live.js";
import { commandLine, copy, notice, problemNotice, toast } from "./notices.js";

/** The run on the right with the directions that take the places of those on the left, a minus before one that is turned. */
function besideQuery({ beside, directions }, model) {
  const partners = directions.map(({ id }) => model.partner(id));
  if (beside == null || !partners[0]) return "";
  const texts = partners.map(partner => partner ? (partner.sign < 0 ? "-" : "") + partner.second : "");
  return `&beside=${beside}` + texts.map(text => `&partner=${encodeURIComponent(text)}`).join("");
}

export function openTakeAway({ model, state, actions }) {
  const { values } = state;
  const link = () => { state.write(); return location.href; };
  const linkButton = element("button", { type: "button", onclick: () => copy(link(), linkButton) }, "Copy link");
  const linkPart = part("This screen", element("p", {}, "The link holds everything that is shown",
    model.source.isLive ? ", and the token: it opens on this machine while the server runs." : "."), linkButton);
  if (!model.source.isLive) {
    return openDialog({
      title: "Take away",
      body: [linkPart, notice({
        title: "Figures and directions need a server",
        text: "This is a static file. `isda explore` on the run folder draws PNG, SVG, PDF and CSV, and exports directions.",
      })],
    });
  }

  const message = element("div");
  const figures = [
    ["walk", "The walk", values.directions.length && values.anchor != null
      ? walkQuery(values) + besideQuery(values, model) : null],
    ["map", "The map", `kind=${values.map}`],
    ["spectrum", "The spectrum", ""],
    ["directions", "The list of directions", `class=${values.class}`],
  ].filter(([, , query]) => query !== null);
  const formats = { walk: ["png", "svg", "pdf", "csv"], map: ["png", "svg", "pdf", "csv"], spectrum: ["png", "svg", "pdf", "csv"], directions: ["csv"] };
  const theme = actions.isDark() ? "dark" : "light";
  const commandPlace = element("div");

  const take = async (what, query, format, button) => {
    fill(message);
    button.disabled = true;
    const parameters = [`what=${what}`, query, `format=${format}`, format === "csv" ? "" : `theme=${theme}`].filter(Boolean).join("&");
    try {
      const { blob, name } = await model.source.figure(values.run, parameters);
      download(blob, name);
      toast(`${name} is with your downloads.`);
    } catch (error) {
      fill(message, problemNotice(error));
    } finally {
      button.disabled = false;
    }
  };
  const showCommand = async (what, query) => {
    try {
      fill(commandPlace, commandLine(await model.source.command(values.run, [`what=${what}`, query].filter(Boolean).join("&"))));
    } catch (error) {
      fill(commandPlace, problemNotice(error));
    }
  };

  const rows = figures.map(([what, label, query]) => element("tr", {},
    element("th", { scope: "row" }, label),
    element("td", {}, formats[what].map(format => {
      const button = element("button", {
        type: "button", "aria-label": `${label} as ${format.toUpperCase()}`, onclick: () => take(what, query, format, button),
      }, format.toUpperCase());
      return button;
    })),
    element("td", {}, element("button", {
      type: "button", class: "quiet", "aria-label": `Command for: ${label}`, onclick: () => showCommand(what, query),
    }, "command"))));

  const file = element("input", { type: "file", id: "import-file", multiple: true, accept: ".json,.safetensors" });
  const ids = element("select", { id: "export-ids" },
    element("option", { value: "all" }, "all directions"),
    element("option", { value: "walked" }, values.directions.length > 1 ? "those in the walk" : "the one in the walk"),
    element("option", { value: "mine" }, "named and own ones"));
  const exportIds = () => ids.value === "all" ? [] : ids.value === "walked"
    ? values.directions.map(direction => direction.id).filter(id => !id.startsWith("draft."))
    : model.directions.filter(direction => direction.mine || direction.name).map(direction => direction.id);
  const exportNow = async () => {
    fill(message);
    const chosen = exportIds();
    if (ids.value !== "all" && chosen.length === 0) {
      return fill(message, problemNotice({ message: "There is nothing to export.", hint: "Name a direction or make one first." }));
    }
    try {
      const { files } = await model.source.exportDirections(values.run, chosen);
      for (const { name, base64: text } of files) {
        download(new Blob([Uint8Array.from(atob(text), c => c.charCodeAt(0))]), name);
      }
      toast("Both files belong together: the list, and its vectors.");
    } catch (error) {
      fill(message, problemNotice(error));
    }
  };
  const importNow = async () => {
    fill(message);
    if (file.files.length !== 2) {
      return fill(message, problemNotice({ message: "Choose two files: the list (JSON) and its vectors (safetensors).", hint: null }));
    }
    try {
      const files = await Promise.all([...file.files].map(async one => ({
        name: one.name, base64: base64(new Uint8Array(await one.arrayBuffer())),
      })));
      const { ids } = await model.source.importDirections(values.run, files);
      await model.load();
      toast(`${ids.length} directions are in the run folder.`);
      fill(message);
      file.value = "";
    } catch (error) {
      fill(message, problemNotice(error));
    }
  };

  openDialog({
    title: "Take away", isWide: true,
    body: [
      part("Figures and numbers", element("table", { class: "figures" },
        element("caption", { class: "hidden" }, "What can be taken away, and in which form"), element("tbody", {}, rows)), commandPlace),
      linkPart,
      part("Directions as files",
        element("div", { class: "line" }, element("label", { for: "export-ids" }, "Export"), ids,
          element("button", { type: "button", onclick: exportNow }, "JSON + safetensors")),
        element("div", { class: "line" }, element("label", { for: "import-file" }, "Import"), file,
          element("button", { type: "button", onclick: importNow }, "Import"))),
      message,
    ],
  });
}

const part = (title, ...body) => element("section", { class: "part" }, element("h3", {}, title), body);

function download(blob, name) {
  const address = URL.createObjectURL(blob);
  element("a", { href: address, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}
