CREATE TABLE users (id integer primary key autoincrement, email varchar(100) not null);
CREATE TABLE sqlite_sequence(name,seq);
CREATE TABLE orders (id integer primary key, user_id integer not null references users(id), "wei;rd" text default ';');
CREATE INDEX ix on orders(user_id);
CREATE VIEW v as select 1
/* v("1") */;
CREATE TRIGGER t after insert on users begin insert into orders values (1,1,';'); delete from orders; end;
