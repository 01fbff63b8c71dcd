CREATE TABLE IF NOT EXISTS orders (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    product_id  integer     NOT NULL REFERENCES products,
    customer    text        NOT NULL,
    quantity    integer     NOT NULL CHECK (quantity > 0),
    total_cents integer     NOT NULL,
    status      text        NOT NULL DEFAULT 'pending' CHECK (status IN ('pending', 'packed')),
    placed_at   timestamptz NOT NULL DEFAULT now(),
    packed_at   timestamptz
);

-- The worker asks for the oldest pending order twice a second.
CREATE INDEX IF NOT EXISTS orders_pending ON orders (id) WHERE status = 'pending';
