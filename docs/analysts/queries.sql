-- Ten questions to a shop, for psql, a notebook, Metabase, Superset or Grafana.
-- Each stands under its own heading and ends with a semicolon; tests/analytics runs them all.
-- Amounts are whole minor units (paise): divide by 100 where people read them.

-- 1. How fresh is what I am looking at?
select relation, position, true_at from read.about order by relation;

-- 2. What did we sell on each of the last thirty days, in the shop's own days?
select day, currency, orders, units, gross_minor, discounts_minor, shipping_minor,
    refunds_minor, net_minor
from read.daily_sales
where day > current_date - 30
order by day, currency;

-- 3. Which products bring the money?
select line.sku, product.name, line.currency, sum(line.quantity) as units,
    sum(line.net_minor) as net_minor
from read.order_lines as line
left join read.products as product using (book, sku)
group by line.sku, product.name, line.currency
order by net_minor desc
limit 20;

-- 4. At which hour of the week do people buy? Monday is 1; name the shop's own time zone.
select extract(isodow from placed_at at time zone shop.time_zone)::int as weekday,
    extract(hour from placed_at at time zone shop.time_zone)::int as hour,
    count(*) as orders
from read.orders join read.about as shop using (book)
where shop.relation = 'orders'
group by weekday, hour
order by weekday, hour;

-- 5. How do checkouts stand or end, and how long did their payment take or wait?
select state, ended_as, count(*) as sessions,
    percentile_cont(0.5) within group (order by seconds_payment_pending)
        as median_seconds_payment_pending
from read.checkout_sessions
group by state, ended_as
order by sessions desc;

-- 6. Which reasons do banks give, by way of paying?
select coalesce(method, 'not said') as method, coalesce(reason, 'not said') as reason,
    count(*) as payments
from read.payments
where status = 'failed'
group by 1, 2
order by payments desc;

-- 7. Who came back? Guests count as one customer only where a mailbox was proven.
with buyers as (
    select coalesce(customer.account_id, bought.customer_id) as buyer, count(*) as orders
    from read.orders as bought
    left join read.customers as customer using (book, customer_id)
    group by buyer
)
select orders, count(*) as buyers from buyers group by orders order by orders;

-- 8. What does a coupon cost, and what does it bring?
select coupon, currency, count(*) as orders, sum(discount_minor) as given_minor,
    sum(net_minor) as net_minor
from read.orders
where coupon is not null
group by coupon, currency
order by given_minor desc;

-- 9. What is in the shop, what is held for people who have not paid, and since when?
select stock.sku, stock.name, stock.on_hand, stock.held, stock.available,
    min(hold.reserved_at) as oldest_hold
from read.stock as stock
left join read.reservations as hold
    on hold.book = stock.book and hold.sku = stock.sku and hold.ended_at is null
group by stock.book, stock.sku, stock.name, stock.on_hand, stock.held, stock.available
order by stock.available;

-- 10. Do the books agree? Orders, days, movements, and payments less refunds: to the paisa,
-- once all four have come equally far, which is when positions_apart is 0.
select
    (select coalesce(sum(net_minor), 0) from read.orders) as by_order,
    (select coalesce(sum(net_minor), 0) from read.daily_sales) as by_day,
    (select coalesce(sum(net_minor), 0) from read.sales) as by_movement,
    (select coalesce(sum(paid.amount_minor), 0) from read.payments as paid
        where paid.order_id is not null and paid.status = 'captured')
        - (select coalesce(sum(refunded_minor), 0) from read.orders) as by_payment,
    (select coalesce(max(position) - min(position), 0) from read.about
        where relation in ('orders', 'daily_sales', 'sales', 'payments')) as positions_apart;
