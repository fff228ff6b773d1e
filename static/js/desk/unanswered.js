// The desk on a bad line: what could not be sent stays as it was typed, and the page says so.
import { toast } from "../ui/toast.js";

document.addEventListener("htmx:error", () => toast(document.body.dataset.unanswered ?? ""));
