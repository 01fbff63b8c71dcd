// The page of the tea shop: shows products and orders, and lets a visitor buy.
// Everything goes through the web server, which passes /api/… on to the API.
const euros = (cents) => (cents / 100).toFixed(2) + " €";

// Text goes into the page as text, never as markup: names come from people.
const element = (tag, text, className) => {
  const made = document.createElement(tag);
  made.textContent = text ?? "";
  if (className) made.className = className;
  return made;
};

const ask = async (path, options) => {
  const answer = await fetch("/api" + path, options);
  const said = await answer.json();
  if (!answer.ok) throw new Error(said.error);
  return said;
};

const say = (text) => {
  document.getElementById("status").textContent = text;
};

const buy = async (product) => {
  try {
    const body = JSON.stringify({ product: product.id, quantity: 1, customer: "You" });
    const { order } = await ask("/orders", { method: "POST", body });
    say(`Thank you! Order ${order.id} is being packed.`);
  } catch (problem) {
    say(problem.message);
  }
};

const showProducts = (products) => {
  const list = document.getElementById("products");
  list.replaceChildren(...products.map((product) => {
    const item = element("li");
    const about = element("div", product.name);
    about.append(element("small", product.about), element("small", `${product.stock} in stock`));
    const button = element("button", euros(product.price_cents));
    button.onclick = () => buy(product);
    item.append(about, button);
    return item;
  }));
};

const showOrders = (orders) => {
  const rows = orders.map((order) => {
    const row = element("tr");
    const cells = [order.id, order.customer, `${order.quantity} × ${order.product}`, euros(order.total_cents)];
    row.append(...cells.map((cell) => element("td", cell)), element("td", order.status, order.status));
    return row;
  });
  document.getElementById("orders").replaceChildren(...rows);
};

const refresh = async () => {
  try {
    const [{ products }, { orders }] = await Promise.all([ask("/products"), ask("/orders")]);
    showProducts(products);
    showOrders(orders);
    if (document.getElementById("status").textContent.startsWith("opening")) say("open");
  } catch (problem) {
    say("opening … (" + problem.message + ")");
  }
  setTimeout(refresh, 1500);
};

refresh();
