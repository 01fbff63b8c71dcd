INSERT INTO products (id, name, about, price_cents, stock) VALUES
    (1, 'Tea pot',       'Cast iron, keeps a litre hot for an hour',      3900, 40),
    (2, 'Tea cup',       'Stoneware, glazed by hand in five colours',     1250, 60),
    (3, 'Green tea',     'Sencha from the first harvest, 100 grams',       980, 80),
    (4, 'Black tea',     'Assam, strong and malty, 100 grams',             760, 80),
    (5, 'Honey',         'Lime blossom, from the roof of the town hall',   840, 30),
    (6, 'Tea strainer',  'Stainless steel, fits every cup',                590, 50),
    (7, 'Oat biscuits',  'Baked on Tuesdays and Fridays, a dozen',         450, 45),
    (8, 'Tray',          'Oak, with handles of leather',                  4400, 20)
ON CONFLICT (id) DO NOTHING;
